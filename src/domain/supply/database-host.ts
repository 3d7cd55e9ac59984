// The host and port of a database server as one canonical name. Two policies share a budget only if
// their servers get the same name. What somebody calls a host may be a megabyte of anything, and
// making a long name canonical takes far longer than its length, so its length is asked first.

import { type Engine, engines, uriFormOf, usualEngine } from "../../api/engines.ts";
import { orProblem, Unusable, type UriProblem } from "./connection-parameters.ts";
import type { ServerKey } from "../facts/facts.ts";

/** As it was written. */
export interface HostAndPort {
  readonly host: string;
  readonly port: string;
}

/** In canonical form. */
export interface ServerAddress {
  /** host:port: lower case, no trailing dot, IPv6 in brackets. */
  readonly server: ServerKey;
  /** What to connect to: without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** What DNS can carry, in characters. */
const hostLengthMax = 253;
const labelLengthMax = 63;

/** What an engine says of its addresses: the port is its own where none is given. */
type AddressEngine = Pick<Engine, "port" | "schemes">;

/** The canonical name of a server given as `host`, `host:port` or `[IPv6]:port`. Never throws. */
export function canonicalAddress(
  text: string,
  engine: AddressEngine = engines[usualEngine],
): { readonly kind: "address"; readonly server: ServerKey } | UriProblem {
  return orProblem(() => ({
    kind: "address",
    server: readAddress(splitAddress(text.trim()), engine).server,
  }));
}

export const uriEncoding =
  "with special characters of the user and the password percent-encoded (/ is %2F, @ is %40, : is %3A)";

/** At the first separator: one part, or two. */
export function cut(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + separator.length)];
}

/** Of percent-encoded text. */
export function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (!decoded.includes("\0")) return decoded;
  } catch {
    // The error would repeat the text.
  }
  throw new Unusable(
    "the connection URI has a % that is no percent-encoded character: write % as %25",
  );
}

export function splitAddress(text: string): HostAndPort {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { host: decode(bracketed[1] ?? ""), port: bracketed[2] ?? "" };
  if (text.split(":").length > 2) return { host: decode(text), port: "" };
  const [host = "", port = ""] = cut(text, ":");
  return { host: decode(host), port };
}

export function readAddress(address: HostAndPort, engine: AddressEngine): ServerAddress {
  const host = canonicalHost(address.host, engine);
  const port = readPort(address.port, engine);
  return { server: `${host.includes(":") ? `[${host}]` : host}:${port}`, host, port };
}

function canonicalHost(text: string, engine: AddressEngine): string {
  refuseWhatIsNoHost(text, engine);
  const candidate = `http://${text.includes(":") ? `[${text}]` : text}/`;
  if (!URL.canParse(candidate)) throw badHost(engine);
  const host = new URL(candidate).hostname.replace(/^\[|\]$|\.$/g, "");
  if (host.length > hostLengthMax || !host.split(".").every(isLabel)) throw badHost(engine);
  return host;
}

function refuseWhatIsNoHost(text: string, engine: AddressEngine): void {
  const uriForm = uriFormOf(engine);
  if (text === "") throw new Unusable(`no host is named: ${uriForm}`);
  if (text.startsWith("/") || text.startsWith("@")) {
    throw new Unusable(`a Unix socket is named, which only its own machine can reach: ${uriForm}`);
  }
  // One more for the dot that may end a name.
  if (text.length > hostLengthMax + 1 || /[\s/?#@\\[\]%<>^|,]/.test(text)) throw badHost(engine);
}

/** One dot ends a name; a second one would be another name for it, or for nothing. */
function isLabel(text: string): boolean {
  return text.length >= 1 && text.length <= labelLengthMax;
}

function badHost(engine: AddressEngine): Unusable {
  return new Unusable(`the host is not a valid host name: ${uriFormOf(engine)}, ${uriEncoding}`);
}

function readPort(text: string, engine: AddressEngine): number {
  if (text === "") return engine.port;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new Unusable(
    `the port must be a number from 1 to 65535: ${uriFormOf(engine)}, ${uriEncoding}`,
  );
}
