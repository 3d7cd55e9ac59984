// Who wrote what. The world tells every accepted write to whoever listens, and keeps none.

export interface Write {
  readonly atMs: number;
  /** Name of the connection; undefined: not one of ours. */
  readonly client: string | undefined;
  /** Field manager. */
  readonly manager: string;
  readonly verb:
    "create" | "update" | "apply" | "status" | "remove" | "evict" | "resize" | "release" | "event";
  readonly kind: string;
  readonly key: string;
  /** Fields with another value than before; empty: it changed nothing. */
  readonly fields: readonly string[];
  /** What was sent. */
  readonly body?: unknown;
}

export type OnWrite = (write: Write) => void;
