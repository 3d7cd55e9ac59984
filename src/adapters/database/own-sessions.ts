// Which sessions of a server are this process's own. Each carries our application_name, but every
// login of the server can read that name and give it to sessions of its own. So ours are those with
// the name that also log in as we do, and no more of them than this process has open on that
// server, or is about to open: what is beyond that belongs to somebody else, and counts as theirs.
// Whatever a server says of itself may be a lie, also when it started. So what is open under a name
// counts for readings of that name, and of names that are known to be the same server, and for no
// other: what a name has open elsewhere is a stranger's there.

import type {
  DatabaseReading,
  OwnSessions as OwnGroup,
  ServerKey,
  SessionGroup,
} from "../../domain/facts/facts.ts";
import type { Clock } from "../../ports.ts";

/** As whom a session logs in, and to which database. */
export type SessionLogin = Pick<SessionGroup, "user" | "database">;

/** Host and port as well. */
export type NamedLogin = SessionLogin & { readonly server: ServerKey };

type ToldApart = Pick<DatabaseReading, "sessions" | "ownSessions" | "ownName">;

/** A session that was opened, or is being opened. */
export interface OwnSession {
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
    const opened: Opened = { name, user, database, closedAtMs: Infinity };
    this.#opened.add(opened);
    return {
      end: () => {
        opened.closedAtMs = this.#clock.monotonicMs();
      },
      fail: () => {
        this.#opened.delete(opened);
      },
    };
  }

  /**
   * What a session of `login` was shown, which is all but itself. `names`: those of the same
   * server.
   */
  tellApart(
    shown: readonly SessionGroup[],
    login: NamedLogin,
    names: readonly ServerKey[] = [],
  ): ToldApart {
    this.#forgetOld();
    const left = this.#countByLogin(new Set([login.server, ...names]));
    const ownSessions: OwnGroup[] = [{ user: login.user, database: login.database, count: 1 }];
    take(left, login, 1);
    const sessions = shown.flatMap((group) => {
      const { user, database, applicationName, count } = group;
      const own = applicationName === this.#applicationName ? take(left, group, count) : 0;
      if (own > 0) ownSessions.push({ user, database, count: own });
      return own < count ? [{ ...group, count: count - own }] : [];
    });
    return { sessions, ownSessions, ownName: this.#applicationName };
  }

  #countByLogin(names: ReadonlySet<ServerKey>): Map<string, number> {
    const counts = new Map<string, number>();
    for (const one of this.#opened) {
      if (!names.has(one.name)) continue;
      counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
    }
    return counts;
  }

  #forgetOld(): void {
    const sinceMs = this.#clock.monotonicMs() - lingersMs;
    for (const one of this.#opened) if (one.closedAtMs < sinceMs) this.#opened.delete(one);
  }
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
