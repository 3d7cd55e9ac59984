// What the core needs of the admin consoles of poolers, as an interface that the consumer declares.

export interface ConsoleTarget {
  /** Of the pod, and of nothing else. */
  readonly address: string;
  /** Connection URI with login and port; its host only names the certificate. Never logged. */
  readonly uri: string;
  /** PEM, if the secret gives one. */
  readonly ca: string | undefined;
  /** The size that its pools are to have; undefined: it is only looked at. */
  readonly poolSize: number | undefined;
  /** Connections that are in use may be closed when they are given back. */
  readonly mayReconnect: boolean;
  /** Asked before each change: whether it is still wanted, and ours to make. */
  readonly mayChange: () => boolean;
}

/** What a console says of the pools of its process. */
export interface ConsoleAnswer {
  readonly kind: "answered";
  /** The size, with the reserve, that was found before anything was changed. */
  readonly foundSize: number;
  /** The same as it is now. */
  readonly poolSize: number;
  /** Servers that the largest pool of that size has open. */
  readonly openMost: number;
  /** A pool of another size, which stands in the configuration; the largest one. */
  readonly ownSize?: { readonly poolSize: number; readonly where: string };
  /** Where session mode is set: pools become smaller only when clients leave. */
  readonly sessionMode?: string;
  /** Connections are closed as they are given back, from now on. */
  readonly reconnected: boolean;
}

export type ConsoleOutcome = { readonly busyMs: number } & (
  | ConsoleAnswer
  /** Names host and port, never the password. */
  | { readonly kind: "failed"; readonly message: string }
);

export interface Consoles {
  /** Logs in to one console, makes its pools what is wanted, and leaves. Never throws. */
  follow(target: ConsoleTarget): Promise<ConsoleOutcome>;
}
