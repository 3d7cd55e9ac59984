// `--read` with `--against-cluster`: the logins of the policies that the plan is about, from the
// Secrets of the cluster, if whoever plans may read them. A login whose server answers gives its
// limits; otherwise those that the operator has published count, and it is said why.

import type { ServerKey } from "../domain/facts/facts.ts";
import type { Database, DatabaseOutcome, DatabaseTarget } from "../ports.ts";
import type { LiveFleet } from "./live-fleet.ts";
import { isUnknownLogin, type LoginKey, serverIn } from "./secrets.ts";

type Data = Readonly<Record<string, string>>;

/** Secrets that could be read, by `Secret/namespace/name`. */
export async function liveLogins(
  logins: readonly LoginKey[],
  readData: LiveFleet["readData"],
): Promise<ReadonlyMap<string, Data>> {
  const found = new Map<string, Data>();
  for (const [id, keys] of Map.groupBy(logins, (login) => login.id)) {
    const [{ namespace, name } = { namespace: "", name: "" }] = keys;
    const wanted = new Set(keys.flatMap(({ key, caKey }) => (caKey ? [key, caKey] : [key])));
    const outcome = await readData("Secret", namespace, name, wanted);
    if (outcome.kind === "ok") found.set(id, outcome.value.data);
  }
  return found;
}

export interface Login {
  readonly uri: string;
  readonly ca: string | undefined;
}

/** By server, in the order of the policies. */
export function loginsByServer(
  keys: readonly LoginKey[],
  data: ReadonlyMap<string, Data>,
): ReadonlyMap<ServerKey, readonly Login[]> {
  const logins = keys.flatMap(({ id, key, caKey, engine }) => {
    const texts = data.get(id) ?? {};
    const uri = texts[key];
    const server = uri === undefined ? undefined : serverIn(uri, engine);
    if (uri === undefined || server === undefined || isUnknownLogin(uri)) return [];
    return [{ server, uri, ca: caKey === undefined ? undefined : texts[caKey] }];
  });
  return Map.groupBy(logins, ({ server }) => server);
}

export interface ReadOrPublished extends Database {
  /** Servers that said their limits. */
  readonly answered: ReadonlySet<ServerKey>;
  /** Why those did not answer that were asked. */
  readonly failures: ReadonlyMap<ServerKey, string>;
}

export interface Sources {
  readonly real: Database;
  /** What the operator has published, or the policies declare. */
  readonly published: Database;
  readonly logins: ReadonlyMap<ServerKey, readonly Login[]>;
}

/** Each server is asked with the first login that works, whoever's it is: limits are the same. */
export function createReadOrPublished({ real, published, logins }: Sources): ReadOrPublished {
  const answered = new Set<ServerKey>();
  const failures = new Map<ServerKey, string>();
  const working = new Map<ServerKey, Promise<Login | undefined>>();
  const firstWorking = async (target: DatabaseTarget): Promise<Login | undefined> => {
    for (const login of logins.get(target.server) ?? []) {
      const outcome = await real.read({ ...target, ...login });
      if (outcome.kind === "read") {
        answered.add(target.server);
        return login;
      }
      failures.set(target.server, outcome.message);
    }
    return undefined;
  };
  const read = async (target: DatabaseTarget): Promise<DatabaseOutcome> => {
    const known = working.get(target.server) ?? firstWorking(target);
    working.set(target.server, known);
    const login = await known;
    return login ? real.read({ ...target, ...login }) : published.read(target);
  };
  const forget = (): Promise<void> => Promise.resolve();
  return { answered, failures, read, forget, close: () => Promise.resolve() };
}

/** Of servers that were asked in vain. */
export function failureNotes({ answered, failures }: ReadOrPublished): readonly string[] {
  return [...failures]
    .filter(([server]) => !answered.has(server))
    .map(
      ([server, message]) =>
        `--read: ${server} could not be read from here (${message}): what the operator has published counts`,
    );
}
