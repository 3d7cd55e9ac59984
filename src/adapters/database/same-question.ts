// Whether two readings are one: they ask the same with the same login.

import type { DatabaseTarget } from "../../ports.ts";

export type Login = Pick<DatabaseTarget, "uri" | "ca">;

/** A CA may be long, so nothing here is a key that holds a copy of it. */
export function isSameLogin(a: Login, b: Login): boolean {
  return a.uri === b.uri && a.ca === b.ca;
}

export function isSameQuestion(a: DatabaseTarget, b: DatabaseTarget): boolean {
  const asked = ({ roles, databases, pairs }: DatabaseTarget): string =>
    JSON.stringify([roles, databases, pairs]);
  return isSameLogin(a, b) && asked(a) === asked(b);
}
