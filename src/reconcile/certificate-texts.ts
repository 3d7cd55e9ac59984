// CAs of connections, each text kept once. A CA may be long (the bundle of a cloud has 160 KiB),
// and hundreds of policies may name the same one: each reading of a secret brings a text anew.

/** How to read a server. */
export interface ServerConnection {
  readonly uri: string;
  readonly ca: string | undefined;
  /** Tells CAs that are kept from each other without a look at their texts. */
  readonly caId?: number;
}

interface Kept {
  readonly text: string;
  readonly id: number;
  uses: number;
}

export class CertificateTexts {
  readonly #kept = new Map<string, Kept>();
  #lastId = 0;

  /** The same connection with the text that is kept; to be released once it is not used. */
  keep(connection: ServerConnection | undefined): ServerConnection | undefined {
    if (connection?.ca === undefined) return connection;
    const known = this.#kept.get(connection.ca);
    const kept = known ?? { text: connection.ca, id: ++this.#lastId, uses: 0 };
    kept.uses++;
    if (!known) this.#kept.set(kept.text, kept);
    return { ...connection, ca: kept.text, caId: kept.id };
  }

  release(connection: ServerConnection | undefined): void {
    const kept = connection?.ca === undefined ? undefined : this.#kept.get(connection.ca);
    if (!kept) return;
    kept.uses--;
    if (kept.uses === 0) this.#kept.delete(kept.text);
  }
}
