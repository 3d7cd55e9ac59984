// Which IPv4 addresses a translator may mean by an IPv6 one.
import { expect, it } from "vitest";
import { ipv4AddressesIn } from "../../../src/domain/supply/translated-addresses.ts";

it.each([
  ["the well-known prefix of NAT64", 0x0064_ff9b_0000_0000_0000_0000_a9fe_a9fen, [0xa9fe_a9fen]],
  ["6to4", 0x2002_a9fe_a9fe_0000_0000_0000_0000_0001n, [0xa9fe_a9fen]],
  ["stateless translation", 0x0000_0000_0000_0000_ffff_0000_0a00_0007n, [0x0a00_0007n]],
  [
    "NAT64 of the network's own, by each length of its prefix",
    0x0064_ff9b_0001_0a00_0007_0102_0304_0506n,
    [0x0a00_0701n, 0x0007_0102n, 0x0701_0203n, 0x0304_0506n],
  ],
  ["an address of nobody's translator", 0x2001_0db8_0000_0000_0000_0000_a9fe_a9fen, []],
])("%s", (_, address, meant) => {
  expect(ipv4AddressesIn(address)).toEqual(meant);
});
