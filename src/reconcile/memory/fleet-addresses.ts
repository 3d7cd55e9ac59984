// Which addresses were the fleet's, and when. A session sample is a fact of its moment: a pod that
// is taken out of a policy is foreign from the next sample on and was the fleet's before; an
// address that another pod has now was still the fleet's when its session was seen. Two things are
// told later than they happen: a pod's address reaches the cache a moment after its first session
// reaches the server, and a pod that joins the fleet was there before. When nobody had an address
// is kept, too: what was shown then is of no pod that has it now.

import type { AddressSpan } from "../../domain/facts/session-facts.ts";

/** A pod of the fleet, as far as its sessions can be told by it. */
export interface Addressed {
  readonly uid: string;
  readonly addresses: readonly string[];
  readonly createdAtMs: number;
}

/** A moment: by the epoch, as pods are stamped, and by the clock that samples go by. */
export interface Now {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/** While nobody has an address: which pod had it before, and when it was last seen to. */
interface Vacancy extends AddressSpan {
  readonly leftBy: string | undefined;
  readonly heldUntilMs: number;
}

/** An address may come so late, and the API server's clock may be so far ahead of ours. */
const lateMs = 60_000;

/** An address changes hands seldom; more often, what lies between is taken for the fleet's. */
const spansMax = 16;

export class FleetAddresses {
  readonly #windowMs: number;
  /** Nearly always one span: an address comes back to the fleet rarely within the window. */
  readonly #spans = new Map<string, readonly AddressSpan[]>();
  /** Open while no pod of the fleet has the address that one had before. */
  readonly #vacancies = new Map<string, Vacancy>();
  /** The pod that has each address, as of the last look at the fleet, and when that was. */
  #holders: ReadonlyMap<string, string> = new Map();
  #lookedAtMs = -Infinity;
  /** Where the server shows sessions. */
  #shown: ReadonlySet<string> = new Set();

  /** `windowMs`: how long sessions of a pod that is gone are taken to be its. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /**
   * Takes note of the fleet as it is. `takenAmong` answers which of the given addresses another pod
   * has that is not of the fleet.
   */
  note(
    fleet: Iterable<Addressed>,
    now: Now,
    takenAmong: (absent: ReadonlySet<string>) => Iterable<string>,
  ): void {
    const holders = new Map<string, string>();
    for (const pod of fleet) {
      for (const address of pod.addresses) {
        holders.set(address, pod.uid);
        if (!this.#isOpen(address)) this.#open(address, pod, now);
      }
    }
    const absent = this.#closeAbsent(holders, now.monotonicMs);
    [this.#holders, this.#lookedAtMs] = [holders, now.monotonicMs];
    this.#forgetVacancies(now.monotonicMs - this.#windowMs);
    if (absent.size === 0) return;
    for (const address of takenAmong(absent)) {
      this.#end(address, now.monotonicMs);
      this.#vacancies.delete(address);
    }
  }

  /**
   * Takes note of where the server shows sessions, before the fleet is noted. Those addresses that
   * are still the fleet's although their pods are gone stay so for another window.
   */
  noteShown(addresses: Iterable<string>, monotonicMs: number): void {
    this.#shown = new Set(addresses);
    for (const address of this.#shown) {
      const untilMs = this.#spans.get(address)?.at(-1)?.untilMs ?? -Infinity;
      const isGone = untilMs > monotonicMs && untilMs !== Infinity;
      if (isGone) this.#end(address, monotonicMs + this.#windowMs);
    }
  }

  /** By address, in order of time. */
  get spans(): ReadonlyMap<string, readonly AddressSpan[]> {
    return new Map(this.#spans);
  }

  /** The latest of each address, within the window. */
  get vacancies(): ReadonlyMap<string, AddressSpan> {
    return new Map(this.#vacancies);
  }

  #isOpen(address: string): boolean {
    return this.#spans.get(address)?.at(-1)?.untilMs === Infinity;
  }

  #open(address: string, pod: Addressed, { nowMs, monotonicMs }: Now): void {
    const { createdAtMs } = pod;
    const before = this.#spansSince(address, monotonicMs - this.#windowMs);
    const last = before.at(-1);
    const madeAtMs = monotonicMs - Math.max(0, nowMs - createdAtMs);
    this.#occupy(address, { uid: pod.uid, madeAtMs }, monotonicMs);
    if (last && last.untilMs > monotonicMs) {
      this.#spans.set(address, [...before.slice(0, -1), { ...last, untilMs: Infinity }]);
      return;
    }
    const sinceMs = monotonicMs - Math.max(nowMs - createdAtMs, lateMs);
    const fromMs = Math.max(sinceMs, last?.untilMs ?? -Infinity);
    this.#spans.set(address, joinOldest([...before, { fromMs, untilMs: Infinity }]));
  }

  /** No sample is older than the window. */
  #spansSince(address: string, sinceMs: number): AddressSpan[] {
    return (this.#spans.get(address) ?? []).filter(({ untilMs }) => untilMs >= sinceMs);
  }

  /**
   * Until then its new pod was not there, so what was shown is of another one: also at an address
   * that the fleet never had, as far as we know, which may be since our start only. A pod that was
   * there while another one had the address got it later: its node has started it anew.
   */
  #occupy(
    address: string,
    { uid, madeAtMs }: { readonly uid: string; readonly madeAtMs: number },
    nowMs: number,
  ): void {
    const sinceEver = this.#shown.has(address) ? vacantSinceEver : undefined;
    const vacancy = this.#vacancies.get(address) ?? sinceEver;
    if (vacancy === undefined) return;
    const isAnother = vacancy.leftBy !== uid && madeAtMs < vacancy.heldUntilMs;
    if (madeAtMs >= vacancy.fromMs || isAnother) {
      const untilMs = isAnother ? nowMs : madeAtMs;
      this.#vacancies.set(address, { ...vacancy, untilMs });
    } else this.#vacancies.delete(address);
  }

  #forgetVacancies(beforeMs: number): void {
    for (const [address, { untilMs }] of this.#vacancies) {
      if (untilMs < beforeMs || !this.#spans.has(address)) this.#vacancies.delete(address);
    }
  }

  /** Answers the addresses whose pods are not of the fleet any more and that may have sessions. */
  #closeAbsent(present: ReadonlyMap<string, string>, monotonicMs: number): Set<string> {
    const absent = new Set<string>();
    for (const [address, spans] of this.#spans) {
      if (present.has(address)) continue;
      const untilMs = spans.at(-1)?.untilMs ?? 0;
      if (untilMs === Infinity) {
        this.#end(address, monotonicMs + this.#windowMs);
        this.#vacancies.set(address, {
          ...{ fromMs: monotonicMs, untilMs: Infinity },
          ...{ leftBy: this.#holders.get(address), heldUntilMs: this.#lookedAtMs },
        });
      }
      if (untilMs > monotonicMs) absent.add(address);
      if (untilMs < monotonicMs - this.#windowMs) this.#spans.delete(address);
    }
    return absent;
  }

  #end(address: string, untilMs: number): void {
    const spans = this.#spans.get(address) ?? [];
    const last = spans.at(-1);
    if (last) this.#spans.set(address, [...spans.slice(0, -1), { ...last, untilMs }]);
  }
}

const vacantSinceEver: Vacancy = {
  ...{ fromMs: -Infinity, untilMs: Infinity },
  ...{ leftBy: undefined, heldUntilMs: -Infinity },
};

function joinOldest(spans: readonly AddressSpan[]): readonly AddressSpan[] {
  const [oldest, next, ...later] = spans;
  if (spans.length <= spansMax || !oldest || !next) return spans;
  return [{ fromMs: oldest.fromMs, untilMs: next.untilMs }, ...later];
}
