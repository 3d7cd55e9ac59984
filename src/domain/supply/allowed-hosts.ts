// Which database hosts may be contacted at all. Whoever may write a policy and a secret could
// otherwise point the operator anywhere it can reach, and read the answers in a condition. Names
// are matched as names and addresses as addresses: nothing is looked up, because a look-up is a
// packet already, and what it says may be another thing a moment later. Everything is compared in
// canonical form, which is also the form that is connected to.

import { canonicalAddress } from "./database-host.ts";
import type { ServerKey } from "../facts/facts.ts";
import { ipv4AddressesIn } from "./translated-addresses.ts";

/** One entry of the list. */
export interface HostPattern {
  /** As it was written. */
  readonly text: string;
  /** Undefined: every port. */
  readonly port: number | undefined;
  readonly host:
    | { readonly kind: "name"; readonly name: string }
    /** Every name that ends so; begins with a dot. */
    | { readonly kind: "suffix"; readonly suffix: string }
    | { readonly kind: "range"; readonly range: AddressRange }
    /** Everything that needs no entry of its own. */
    | { readonly kind: "any" };
}

interface Address {
  /** 32, or 128. */
  readonly bits: number;
  readonly value: bigint;
}

interface AddressRange extends Address {
  readonly prefix: number;
}

export interface PatternProblem {
  readonly kind: "problem";
  readonly message: string;
}

const form =
  "give a host name, *.suffix, an address or a range such as 10.0.0.0/8 or [2001:db8::/32], " +
  "each with :port or without, or * for all that need no entry of their own";

/** Reads one entry of the list. Never throws. */
export function parseHostPattern(text: string): HostPattern | PatternProblem {
  if (text === "*") return { text, port: undefined, host: { kind: "any" } };
  const split = splitPort(text);
  const host = split && readHost(split.host);
  if (!host)
    return { kind: "problem", message: `${JSON.stringify(text)} is not a valid host: ${form}` };
  return { text, port: split.port, host };
}

function readHost(text: string): HostPattern["host"] | undefined {
  if (text.includes("/")) return readRange(text);
  const isSuffix = text.startsWith("*.");
  const name = canonicalName(isSuffix ? text.slice(2) : text);
  const address = name === undefined ? undefined : addressOf(name);
  if (name === undefined || (isSuffix && address)) return undefined;
  if (isSuffix) return { kind: "suffix", suffix: `.${name}` };
  return address
    ? { kind: "range", range: { ...address, prefix: address.bits } }
    : { kind: "name", name };
}

/** `10.0.0.0/8`; bits of the address beyond the prefix do not matter. */
function readRange(text: string): HostPattern["host"] | undefined {
  const [, host = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const name = canonicalName(host);
  const address = name === undefined ? undefined : addressOf(name);
  if (!address) return undefined;
  const isMapped = address.bits === 32 && host.includes(":");
  const prefix = Number(digits) - (isMapped ? mappedBits : 0);
  if (prefix < 0 || prefix > address.bits) return undefined;
  return { kind: "range", range: { ...address, prefix } };
}

/** Without a list, everything is allowed that needs no entry of its own. */
export function isAllowed(server: ServerKey, patterns: readonly HostPattern[]): boolean {
  const { host, port } = partsOf(server);
  const address = addressOf(host);
  if (patterns.length === 0) return !needsOwnEntry(server);
  return patterns.some((pattern) => {
    if (pattern.port !== undefined && pattern.port !== port) return false;
    if (pattern.host.kind === "any") return !needsOwnEntry(server);
    if (pattern.host.kind === "range") return address && covers(pattern.host.range, address);
    return !address && namesHost(pattern.host, host);
  });
}

/**
 * Whether the server may be contacted at this address, which its name was found to mean. Never
 * throws: what the DNS answers is its owner's choice, and what is no address is not contacted.
 */
export function mayConnect(
  server: ServerKey,
  address: string,
  patterns: readonly HostPattern[],
): boolean {
  const { host, port } = partsOf(server);
  const found = foundAddress(address);
  if (!found) return false;
  if (!reservedRangeOf(found)) return true;
  return patterns.some(({ host: pattern, port: ofPattern }) => {
    if (ofPattern !== undefined && ofPattern !== port) return false;
    if (pattern.kind === "range") return covers(pattern.range, found);
    return pattern.kind !== "any" && namesHost(pattern, host);
  });
}

/** As a look-up writes it: `::ffff:10.0.0.1`, or `fe80::1%eth0` with the network link. */
function foundAddress(text: string): Address | undefined {
  const host = canonicalName(text.replace(/%[\w.-]+$/, ""));
  return host === undefined ? undefined : addressOf(host);
}

/**
 * Of the operator's own machine, of its network link, or of a cloud's metadata: nobody keeps a
 * database for others there, and something else may listen.
 */
export function needsOwnEntry(server: ServerKey): boolean {
  const { host } = partsOf(server);
  const address = addressOf(host);
  return address ? reservedRangeOf(address) !== undefined : /^(.*\.)?localhost$/.test(host);
}

/** As an entry of the list has it: without the port, IPv6 in brackets. */
export function hostOf(server: ServerKey): string {
  return server.slice(0, server.lastIndexOf(":"));
}

type NamePattern = Extract<HostPattern["host"], { readonly kind: "name" | "suffix" }>;

function namesHost(pattern: NamePattern, host: string): boolean {
  if (pattern.kind === "name") return host === pattern.name;
  return host.endsWith(pattern.suffix) && host.length > pattern.suffix.length;
}

/** A range that is wider than a reserved one does not mean it. */
function covers(range: AddressRange, address: Address): boolean {
  const reserved = reservedRangeOf(address);
  const isMeant = !reserved || (range.bits === reserved.bits && range.prefix >= reserved.prefix);
  return isMeant && isWithin(address, range);
}

const portMax = 65_535;

/** A name or IPv4 with or without a port; IPv6 in brackets, or bare and without a port. */
function splitPort(text: string): { host: string; port: number | undefined } | undefined {
  const match =
    /^\[([^[\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  if (!match) return /^[0-9a-fA-F:./]+$/.test(text) ? { host: text, port: undefined } : undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && (port < 1 || port > portMax)) return undefined;
  return { host: match[1] ?? "", port };
}

/** The canonical form of a host without a port. */
function canonicalName(host: string): string | undefined {
  if (host === "" || host.includes("*")) return undefined;
  const address = canonicalAddress(host.includes(":") ? `[${host}]` : host);
  return address.kind === "address" ? partsOf(address.server).host : undefined;
}

function partsOf(server: ServerKey): { readonly host: string; readonly port: number } {
  const colon = server.lastIndexOf(":");
  const host = server.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host, port: Number(server.slice(colon + 1)) };
}

/** Of a canonical host; an IPv4 address that is written as an IPv6 one is the IPv4 address. */
function addressOf(host: string): Address | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    return {
      bits: 32,
      value: host.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n),
    };
  }
  if (!host.includes(":")) return undefined;
  const value = groupsOf(host).reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
  return value >> 32n === mappedPrefix
    ? { bits: 32, value: value & 0xffff_ffffn }
    : { bits: 128, value };
}

/** ::ffff:0:0/96 */
const mappedPrefix = 0xffffn;
const mappedBits = 96;

/**
 * This network, loopback, link-local (metadata among it), multicast; then metadata elsewhere. IPv4
 * addresses that are written as ::10.0.0.1 are nobody's.
 */
const reservedRanges = [
  ...["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32"],
  ...["::/96", "fe80::/10", "ff00::/8"],
  ...["100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"],
  ...["fd00:ec2::/112", "fd20:ce::254/128"],
].flatMap(rangesOf);

function rangesOf(text: string): AddressRange[] {
  const host = readRange(text);
  return host?.kind === "range" ? [host.range] : [];
}

/** 0.0.0.0/8 is this machine only where nobody translates it. */
const behindTranslators = reservedRanges.filter(({ value }) => value > 0n);

function reservedRangeOf(address: Address): AddressRange | undefined {
  const found = reservedRanges.find((range) => isWithin(address, range));
  if (found || address.bits === 32) return found;
  const meant = ipv4AddressesIn(address.value).map((value) => ({ bits: 32 as const, value }));
  return behindTranslators.find((range) => meant.some((one) => isWithin(one, range)));
}

/** Eight groups; the canonical form leaves out the longest run of zeros. */
function groupsOf(host: string): string[] {
  const [left = "", right] = host.split("::");
  const before = left === "" ? [] : left.split(":");
  const after = right === undefined || right === "" ? [] : right.split(":");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after];
}

function isWithin(address: Address, range: AddressRange): boolean {
  if (address.bits !== range.bits) return false;
  const rest = BigInt(range.bits - range.prefix);
  return address.value >> rest === range.value >> rest;
}
