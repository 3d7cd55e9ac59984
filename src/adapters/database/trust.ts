// What each CA is trusted with, made once. OpenSSL keeps a parsed copy of its certificates, up to
// 3 MB, in every context of TLS; sessions stay open between readings, and hundreds of them may have
// the same CA. So all sessions with one CA share a context, and it stays as long as one of them is
// there. The last few that nobody uses any more stay as well: a server that is read with several
// logins in turn has a CA of each.

import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { LoginTerms } from "../../domain/supply/connection-parameters.ts";
import { readAuthorities } from "./authorities.ts";
import { keyExchanges } from "./handshake.ts";

export type TlsVersions = Pick<LoginTerms, "minTlsVersion" | "maxTlsVersion">;

/** To be released once its session is closed. */
export interface Trusted {
  readonly kind: "trusted";
  /** False: the roots that Node brings are trusted. */
  readonly hasCa: boolean;
  readonly contextFor: (versions: TlsVersions) => SecureContext;
}

type Kept = (Trusted | { readonly kind: "problem"; readonly message: string }) & { uses: number };

const unusedMax = 8;

export class Trusts {
  /** By the text of the CA, those released last at the end. */
  readonly #kept = new Map<string | undefined, Kept>();

  /** PEM of a CA; undefined: none. Whatever comes of it is to be released. Never throws. */
  use(ca: string | undefined): Kept {
    const kept = this.#kept.get(ca) ?? made(ca);
    this.#kept.set(ca, kept);
    kept.uses++;
    return kept;
  }

  release(ca: string | undefined): void {
    const kept = this.#kept.get(ca);
    if (!kept) return;
    kept.uses--;
    if (kept.uses > 0) return;
    this.#kept.delete(ca);
    this.#kept.set(ca, kept);
    const unused = [...this.#kept].filter(([, { uses }]) => uses === 0);
    for (const [old] of unused.slice(0, -unusedMax)) this.#kept.delete(old);
  }
}

function made(ca: string | undefined): Kept {
  if (ca === undefined) return trustedWith(undefined);
  const read = readAuthorities(ca);
  return read.kind === "problem" ? { ...read, uses: 0 } : trustedWith(read.certificates);
}

function trustedWith(certificates: readonly string[] | undefined): Kept {
  const contexts = new Map<string, SecureContext>();
  const contextFor = (versions: TlsVersions): SecureContext => {
    const { minTlsVersion: minVersion, maxTlsVersion: maxVersion } = versions;
    const key = `${minVersion} ${maxVersion}`;
    const context =
      contexts.get(key) ??
      createSecureContext({
        ...{ minVersion, maxVersion },
        ...keyExchanges,
        ...(certificates && { ca: [...certificates] }),
        // No server makes us start the handshake anew, which costs both sides and yields no data.
        secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      });
    contexts.set(key, context);
    return context;
  };
  return { kind: "trusted", hasCa: certificates !== undefined, contextFor, uses: 0 };
}
