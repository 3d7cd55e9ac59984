// Which sessions of a server are this process's own. Each carries our application_name, but every
// login of the server can read that name and give it to sessions of its own. So ours are those with
// the name that also log in as we do, and no more of them than this process has open on that
// server, or is about to open: what is beyond that belongs to somebody else, and counts as theirs.
// A server is told from others by the moment at which it started; one that got us no answer, by the
// name that was asked.

import type {
  DatabaseReading,
  OwnSessions as OwnGroup,
  ServerKey,
  SessionGroup,
} from "../../domain/facts.ts";
import type { Clock } from "../../ports.ts";

/** As whom a session logs in, and to which database. */
export type SessionLogin = Pick<SessionGroup, "user" | "database">;

/** Host and port as well. */
export type NamedLogin = SessionLogin & { readonly server: ServerKey };

type ToldApart = Pick<DatabaseReading, "sessions" | "ownSessions">;
type Shown = Pick<DatabaseReading, "sessions" | "startedAtMicroseconds">;

/** A session that was opened, or is being opened. */
export interface OwnSession {
  /** On which server it turned out to be; undefined: on one that does not say when it started. */
  readonly isOn: (startedAtMicroseconds: number | undefined) => void;
  /** It was asked, and did not say on which. */
  readonly isUntold: () => void;
  /** It was closed, or given up: the server may show it for a while. */
  readonly end: () => void;
  /** It did not come about. */
  readonly fail: () => void;
}

/** A server that lost the line lets go of a session after 90 s: see sessionOptions. */
const lingersMs = 120_000;

interface Opened extends SessionLogin {
  readonly name: ServerKey;
  closedAtMs: number;
  /** When its server started, once it has read that. */
  startedAt: number | undefined | "being opened" | "not told";
}

export class OwnSessions {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #applicationName: string;
  readonly #opened = new Set<Opened>();

  constructor(clock: Pick<Clock, "monotonicMs">, applicationName: string) {
    this.#clock = clock;
    this.#applicationName = applicationName;
  }

  /** From before the first packet on. */
  open({ server: name, user, database }: NamedLogin): OwnSession {
    this.#forgetOld();
    const common = { name, user, database, closedAtMs: Infinity };
    const opened: Opened = { ...common, startedAt: "being opened" };
    this.#opened.add(opened);
    const isUntold = (): void => {
      if (opened.startedAt === "being opened") opened.startedAt = "not told";
    };
    return {
      isUntold,
      isOn: (startedAtMicroseconds) => {
        opened.startedAt = startedAtMicroseconds;
      },
      end: () => {
        isUntold();
        opened.closedAtMs = this.#clock.monotonicMs();
      },
      fail: () => {
        this.#opened.delete(opened);
      },
    };
  }

  /** What a session of `login` was shown, which is all but itself. */
  tellApart({ sessions: shown, startedAtMicroseconds }: Shown, login: NamedLogin): ToldApart {
    this.#forgetOld();
    const left = this.#countByLogin(login.server, startedAtMicroseconds);
    const ownSessions: OwnGroup[] = [{ user: login.user, database: login.database, count: 1 }];
    take(left, login, 1);
    const sessions = shown.flatMap((group) => {
      const { user, database, applicationName, count } = group;
      const own = applicationName === this.#applicationName ? take(left, group, count) : 0;
      if (own > 0) ownSessions.push({ user, database, count: own });
      return own < count ? [{ ...group, count: count - own }] : [];
    });
    return { sessions, ownSessions };
  }

  #countByLogin(name: ServerKey, startedAt: number | undefined): Map<string, number> {
    const counts = new Map<string, number>();
    for (const one of this.#opened) {
      if (!mayBeOn(one, name, startedAt)) continue;
      counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
    }
    return counts;
  }

  #forgetOld(): void {
    const sinceMs = this.#clock.monotonicMs() - lingersMs;
    for (const one of this.#opened) if (one.closedAtMs < sinceMs) this.#opened.delete(one);
  }
}

/**
 * Whoever makes logins fail, or answers none of our questions, on ports of his own must not gain
 * sessions elsewhere by it: such a session counts under its own name alone.
 */
function mayBeOn(one: Opened, name: ServerKey, startedAt: number | undefined): boolean {
  if (one.startedAt === "not told") return one.name === name;
  return one.startedAt === "being opened" || one.startedAt === startedAt;
}

/** At most `count`, and no more than are left. */
function take(left: Map<string, number>, login: SessionLogin, count: number): number {
  const known = left.get(keyOf(login)) ?? 0;
  const taken = Math.min(known, count);
  left.set(keyOf(login), known - taken);
  return taken;
}

function keyOf({ user, database }: SessionLogin): string {
  return JSON.stringify([user, database]);
}
