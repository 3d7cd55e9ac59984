// Names of one server that mean another one now, as after a failover. Two readings differ as well
// when the server was restarted between them, so a name is parted only after both were read again.
// That takes as long as the two like, and the server's reading waits for it: so there is an end to
// it in each reading, and the name that was compared longest ago comes first.

import type { DatabaseReading, ServerKey } from "../../domain/facts/facts.ts";
import type { Clock } from "../../ports.ts";
import type { Login } from "./logins.ts";
import { ask, type Attempt, type RoundParts } from "./reading-round.ts";
import { isOneServer, isOtherServer } from "../same-server.ts";

export interface Read {
  readonly login: Login;
  readonly reading: DatabaseReading;
}

/** So long after a run began no name is compared in it any more, but one. */
const comparingMs = 30_000;
/** Names come and go. */
const rememberedMs = 60 * 60_000;

/** For how long names may be compared in one run. */
export class ComparingTime {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #untilMs: number;
  #isBegun = false;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
    this.#untilMs = clock.monotonicMs() + comparingMs;
  }

  /** Whether there is time for one more comparison. */
  begin(): boolean {
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    return isFirst || this.#clock.monotonicMs() < this.#untilMs;
  }
}

/**
 * That of the server's own name, or of another name of the same server whose login sees more. Whom
 * to compare others with; no name's word alone is believed.
 */
export function bestOf(server: ServerKey, attempts: readonly Attempt[]): Read | undefined {
  const reads = attempts.flatMap(({ login, outcome }): Read[] =>
    outcome.kind === "read" ? [{ login, reading: outcome.reading }] : [],
  );
  const own = reads.find(({ login }) => login.name === server) ?? reads[0];
  const same = reads.filter(({ login, reading }) => {
    return login.name === own?.login.name || (own && isOneServer(reading, own.reading));
  });
  return same.find(({ reading }) => reading.seesAllSessions) ?? own;
}

function isOfOther({ login, outcome }: Attempt, { login: { name }, reading }: Read): boolean {
  if (outcome.kind !== "read" || login.name === name) return false;
  return isOtherServer(outcome.reading, reading);
}

export class Partings {
  readonly #parts: RoundParts;
  /** By server and name: when it was compared last, and had not to be parted. */
  readonly #comparedAtMs = new Map<ServerKey, Map<ServerKey, number>>();

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  /** Names of those asked that mean another server now, one by one. */
  async *of(
    server: ServerKey,
    attempts: readonly Attempt[],
    time: ComparingTime,
  ): AsyncGenerator<ServerKey> {
    const first = bestOf(server, attempts);
    if (!first) return;
    const names = new Set(attempts.map(({ login }) => login.name));
    for (const { name, target } of this.#toCompare(server, attempts, first)) {
      if (!names.has(name) || !time.begin()) continue;
      names.delete(name);
      if (await this.#isParted({ target }, first)) yield name;
      this.#note(server, name);
    }
  }

  forget(server: ServerKey): void {
    this.#comparedAtMs.delete(server);
  }

  #toCompare(server: ServerKey, attempts: readonly Attempt[], first: Read): readonly Login[] {
    const atMs = ({ name }: Login): number => this.#comparedAtMs.get(server)?.get(name) ?? -1;
    const others = attempts.filter((one) => isOfOther(one, first)).map(({ login }) => login);
    return others.toSorted((a, b) => atMs(a) - atMs(b));
  }

  #note(server: ServerKey, name: ServerKey): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const compared = this.#comparedAtMs.get(server) ?? new Map<ServerKey, number>();
    this.#comparedAtMs.set(server, compared.set(name, nowMs));
    for (const [one, atMs] of compared) if (atMs < nowMs - rememberedMs) compared.delete(one);
  }

  /** If the one is the same before and after the other was read, the other is another. */
  async #isParted({ target }: Pick<Login, "target">, first: Read): Promise<boolean> {
    const between = await ask(this.#parts, target);
    const again = await ask(this.#parts, first.login.target);
    if (between.kind !== "read" || again.kind !== "read") return false;
    const isSteady = !isOtherServer(again.reading, first.reading);
    return isSteady && isOtherServer(between.reading, first.reading);
  }
}
