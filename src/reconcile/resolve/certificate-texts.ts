// CAs of connections, each text kept once. A CA may be long (the bundle of a cloud has 160 KiB),
// and hundreds of policies may name the same one: each reading of a secret brings a text anew. What
// TLS makes of it takes twelve times as much memory, so a namespace may have so many characters of
// different ones: a few large bundles, or hundreds of CAs of one certificate.

/** How to read a server. */
export interface ServerConnection {
  readonly uri: string;
  readonly ca: string | undefined;
  /** Tells CAs that are kept from each other without a look at their texts. */
  readonly caId?: number;
}

/** Of all CAs of a namespace, each counted once: two of the largest. */
export const caCharactersMax = 524_288;

interface Kept {
  readonly text: string;
  readonly id: number;
  /** By namespace. */
  readonly uses: Map<string, number>;
}

export class CertificateTexts {
  readonly #kept = new Map<string, Kept>();
  /** By namespace. */
  readonly #characters = new Map<string, number>();
  #lastId = 0;

  /** The same connection with the text that is kept; to be released once it is not used. */
  keep(connection: ServerConnection | undefined, namespace: string): ServerConnection | undefined {
    if (connection?.ca === undefined) return connection;
    const known = this.#kept.get(connection.ca);
    const kept = known ?? { text: connection.ca, id: ++this.#lastId, uses: new Map() };
    this.#count(kept, namespace, 1);
    if (!known) this.#kept.set(kept.text, kept);
    return { ...connection, ca: kept.text, caId: kept.id };
  }

  release(connection: ServerConnection | undefined, namespace: string): void {
    const kept = connection?.ca === undefined ? undefined : this.#kept.get(connection.ca);
    if (!kept) return;
    this.#count(kept, namespace, -1);
    if (kept.uses.size === 0) this.#kept.delete(kept.text);
  }

  /** Whether a namespace may have this one as well; `replaced`: what it is to have no more. */
  hasRoomFor(
    ca: string,
    namespace: string,
    replaced: readonly (ServerConnection | undefined)[],
  ): boolean {
    const usesOf = (text: string): number => this.#kept.get(text)?.uses.get(namespace) ?? 0;
    if (usesOf(ca) > 0) return true;
    const texts = new Set(replaced.flatMap((one) => one?.ca ?? []));
    const freed = [...texts].filter((text) => usesOf(text) === 1);
    const characters = freed.reduce((sum, { length }) => sum - length, this.#of(namespace));
    return characters + ca.length <= caCharactersMax;
  }

  #of(namespace: string): number {
    return this.#characters.get(namespace) ?? 0;
  }

  #count({ uses, text }: Kept, namespace: string, by: 1 | -1): void {
    const before = uses.get(namespace) ?? 0;
    const now = before + by;
    if (now > 0) uses.set(namespace, now);
    else uses.delete(namespace);
    if (before > 0 && now > 0) return;
    const characters = this.#of(namespace) + by * text.length;
    if (characters > 0) this.#characters.set(namespace, characters);
    else this.#characters.delete(namespace);
  }
}
