// Parameters of a connection URI whose clients have names of their own for the same thing (ssl-
// mode, sslMode, sslmode): names are compared without case, hyphens and underscores. Nothing is
// ignored in silence: a parameter is kept, or it has no bearing on a reading, or the URI is refused
// with its name.

import { Unusable } from "./connection-parameters.ts";
import { readParameters } from "./uri-parts.ts";

/** Values by the name without case, hyphens and underscores. */
export type PlainParameters = ReadonlyMap<string, string>;

/** What is known of the parameters of an engine, by plain names. */
export interface KnownParameters {
  readonly kept: ReadonlySet<string>;
  /** How long to wait, how to pool, how to write: no reading is less safe without them. */
  readonly withoutBearing: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  /** What these ask for, nobody here would do. */
  readonly notKept: ReadonlySet<string>;
}

/** Throws Unusable for one that is not kept, and for one that is given twice. */
export function plainParameters(query: string, knownOnes: KnownParameters): PlainParameters {
  const plain = new Map<string, string>();
  // Where a bare @ is left over, the text was cut in the middle of a password.
  const isWhole = !query.includes("@");
  for (const [name, value] of readParameters(query)) {
    const known = plainOf(name);
    refuseWhatIsNotKept(known, isWhole ? name : "", knownOnes);
    if ((plain.get(known) ?? value) !== value) throw new Unusable(`${name} is given twice`);
    plain.set(known, value);
  }
  return plain;
}

export function plainOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Of names between blanks. */
export function plainWords(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/).map(plainOf));
}

function refuseWhatIsNotKept(
  plain: string,
  shown: string,
  { kept, withoutBearing, files, notKept }: KnownParameters,
): void {
  if (kept.has(plain) || withoutBearing.has(plain)) return;
  if (files.has(plain)) {
    throw new Unusable(
      `${shown} names a file, which the operator cannot read: remove it; the CA's PEM goes into the secret, and its key into secretRef.caKey`,
    );
  }
  if (notKept.has(plain)) throw new Unusable(`the operator does not support ${shown}: remove it`);
  const name = /^[A-Za-z][\w.-]{0,39}$/.test(shown) ? `, ${shown}` : "";
  throw new Unusable(`the URI has an unknown parameter${name}: correct it, or remove it`);
}
