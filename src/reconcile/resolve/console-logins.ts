// Logins to the admin consoles of poolers: a Secret of the policy's own namespace, read by name. A
// pod is looked at every few seconds, and its Secret about once a minute, at once where the login
// was refused: somebody may have changed the password.

import { secretGrantCommands } from "../../render/rights.ts";
import type { PoolPolicySpec } from "../../api/poolpolicy.ts";
import type { Clock, Cluster, Failure } from "../../ports.ts";

export type SecretReference = NonNullable<
  PoolPolicySpec["workloads"][number]["console"]
>["secretRef"];

export type ConsoleLogin =
  | { readonly kind: "login"; readonly uri: string; readonly ca: string | undefined }
  | { readonly kind: "problem"; readonly message: string };

export interface ConsoleLoginParts {
  readonly cluster: Pick<Cluster, "readData">;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly serviceAccount?: string | undefined;
  readonly tellBusy?: ((namespace: string, busyMs: number) => void) | undefined;
}

const keptMs = 60_000;
const problemKeptMs = 5_000;
/** Of a namespace: each may have a long certificate. What is beyond is read again for each look. */
const keptMax = 8;
/** No certificate authority is as long. */
const charactersMax = 262_144;

interface Kept {
  readonly untilMs: number;
  readonly namespace: string;
  readonly login: Promise<ConsoleLogin>;
}

export class ConsoleLogins {
  readonly #parts: ConsoleLoginParts;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: ConsoleLoginParts) {
    this.#parts = parts;
  }

  async of(namespace: string, reference: SecretReference): Promise<ConsoleLogin> {
    const nowMs = this.#parts.clock.monotonicMs();
    this.#forgetOld(nowMs);
    const key = keyOf(namespace, reference);
    const known = this.#kept.get(key);
    if (known) return await known.login;
    const login = this.#read(namespace, reference);
    this.#kept.set(key, { untilMs: nowMs + keptMs, namespace, login });
    this.#forgetBeyond(namespace);
    const { kind } = await login;
    if (kind === "problem") this.doubt(namespace, reference);
    return await login;
  }

  /** A console did not take it. */
  doubt(namespace: string, reference: SecretReference): void {
    const key = keyOf(namespace, reference);
    const known = this.#kept.get(key);
    const soonMs = this.#parts.clock.monotonicMs() + problemKeptMs;
    if (known && known.untilMs > soonMs) this.#kept.set(key, { ...known, untilMs: soonMs });
  }

  #forgetOld(nowMs: number): void {
    for (const [key, { untilMs }] of this.#kept) if (nowMs >= untilMs) this.#kept.delete(key);
  }

  /** The oldest first. */
  #forgetBeyond(whose: string): void {
    const own = [...this.#kept].filter(([, { namespace }]) => namespace === whose);
    for (const [key] of own.slice(0, -keptMax)) this.#kept.delete(key);
  }

  async #read(namespace: string, reference: SecretReference): Promise<ConsoleLogin> {
    const { cluster, tellBusy } = this.#parts;
    const { name } = reference;
    const secret = await cluster.readData("Secret", namespace, name, keysOf(reference));
    if (secret.kind !== "ok") return this.#problem(namespace, name, secret);
    tellBusy?.(namespace, secret.value.busyMs ?? 0);
    return loginIn(secret.value.data, reference, `secret ${namespace}/${name}`);
  }

  #problem(namespace: string, name: string, failure: Failure): ConsoleLogin {
    const what = `secret ${namespace}/${name}`;
    if (failure.kind === "absent") {
      return problem(`${what} does not exist: create it, or correct console.secretRef.name`);
    }
    if (failure.kind !== "forbidden") return problem(`reading ${what}: ${failure.message}`);
    const commands = secretGrantCommands(namespace, name, this.#parts.serviceAccount);
    return problem(`the operator may not read ${what}; allow it with: ${commands}`);
  }
}

function loginIn(
  data: Readonly<Record<string, string>>,
  reference: SecretReference,
  secret: string,
): ConsoleLogin {
  const missing = keysOf(reference).find((one) => !Object.hasOwn(data, one));
  if (missing !== undefined) {
    return problem(`${secret} has no key ${missing}: add it, or correct console.secretRef`);
  }
  const { [reference.key]: uri = "", [reference.caKey ?? ""]: ca } = data;
  if (uri.length + (ca?.length ?? 0) > charactersMax) {
    return problem(`${secret} is too long: keep the login in a secret of its own`);
  }
  return { kind: "login", uri: uri.trim(), ca };
}

function keysOf({ key, caKey }: SecretReference): readonly string[] {
  return caKey === undefined ? [key] : [key, caKey];
}

function keyOf(namespace: string, reference: SecretReference): string {
  return JSON.stringify([namespace, reference]);
}

function problem(message: string): ConsoleLogin {
  return { kind: "problem", message };
}
