// IPv4 addresses inside of IPv6 ones, which a translator in the network turns into those. Such an
// address could name a reserved one without looking like it. Where a prefix of the network's own
// may have several lengths, the address is read by each of them.

/** Where the four bytes of the IPv4 address stand, of 16. */
type Places = readonly [number, number, number, number];

const last: Places = [12, 13, 14, 15];

interface Form {
  /** The first 16 bits, and so on. */
  readonly begins: readonly number[];
  readonly places: readonly Places[];
}

const forms: readonly Form[] = [
  // The well-known prefix of NAT64 (RFC 6052).
  { begins: [0x64, 0xff9b, 0, 0, 0, 0], places: [last] },
  // NAT64 of the network's own (RFC 8215), with a prefix of 48, 56, 64 or 96 bits (RFC 6052, 2.2).
  {
    begins: [0x64, 0xff9b, 1],
    places: [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], last],
  },
  // 6to4 (RFC 3056).
  { begins: [0x2002], places: [[2, 3, 4, 5]] },
  // Stateless translation (RFC 7915).
  { begins: [0, 0, 0, 0, 0xffff, 0], places: [last] },
];

/** `value`: an IPv6 address as a number. Empty where none stands in it. */
export function ipv4AddressesIn(value: bigint): readonly bigint[] {
  const form = forms.find(({ begins }) =>
    begins.every((group, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn) === BigInt(group)),
  );
  return (form?.places ?? []).map((places) =>
    places.reduce((sum, at) => sum * 256n + ((value >> BigInt(120 - 8 * at)) & 0xffn), 0n),
  );
}
