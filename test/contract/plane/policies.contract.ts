// The status of a policy as an object of its own version: whoever decided on something else than
// what is stored writes nothing. And the watch that the caches live from, through breaks and
// through the loss of history.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OperatorError } from "../../../src/errors.ts";
import type { ObservedPolicy } from "../../../src/observed.ts";
import type { Outcome, WatchEvent } from "../../../src/ports.ts";
import type { Plane } from "./plane.ts";

export function testPolicies(openPlane: () => Promise<Plane>): void {
  let plane: Plane;

  beforeAll(async () => {
    plane = await openPlane();
  });

  afterAll(() => plane.close());

  async function list(): Promise<{
    readonly objects: readonly ObservedPolicy[];
    readonly position: string;
  }> {
    const objects: ObservedPolicy[] = [];
    let position = "";
    const { signal } = new AbortController();
    for await (const page of plane.sources.policies(plane.namespace).list(signal)) {
      objects.push(...page.objects);
      position = page.resourceVersion;
    }
    return { objects, position };
  }

  async function policy(name: string): Promise<ObservedPolicy> {
    const { objects } = await list();
    const found = objects.find((one) => one.name === name);
    if (!found) throw new Error(`there is no policy ${name}`);
    return found;
  }

  async function created(name: string): Promise<ObservedPolicy> {
    await plane.createPolicy(name);
    return await policy(name);
  }

  /** Events after a position until `isEnough`; the watch is then left. */
  async function watchUntil(
    position: string,
    isEnough: (events: readonly WatchEvent<ObservedPolicy>[]) => boolean,
  ): Promise<readonly WatchEvent<ObservedPolicy>[]> {
    const stopping = new AbortController();
    const events: WatchEvent<ObservedPolicy>[] = [];
    const source = plane.sources.policies(plane.namespace);
    for await (const event of source.watch(position, stopping.signal)) {
      events.push(event);
      if (isEnough(events)) break;
    }
    stopping.abort();
    return events;
  }

  describe("a status", () => {
    test("is replaced whole, with a new version and the same generation", async () => {
      const first = await created("replaced");
      const written = await write(first, { budget: 9, used: 3 });
      const second = await policy("replaced");
      expect(second.resourceVersion).toBe(written);
      await write(second, { budget: 8 });
      const third = await policy("replaced");
      expect(third.status).toEqual({ budget: 8 });
      expect(third.generation).toBe(first.generation);
    });

    test("decided on an old version is a conflict and changes nothing", async () => {
      const first = await created("old");
      await write(first, { budget: 1 });
      const outcome = await plane.cluster.writeStatus(first.key, first.resourceVersion, {
        budget: 2,
      });
      expect(outcome).toMatchObject({ kind: "conflict", managers: [] });
      expect((await policy("old")).status).toEqual({ budget: 1 });
    });

    test("decided on an old spec is a conflict as well", async () => {
      const first = await created("edited");
      await plane.editPolicy("edited");
      const outcome = await plane.cluster.writeStatus(first.key, first.resourceVersion, {
        budget: 2,
      });
      expect(outcome.kind).toBe("conflict");
      const second = await policy("edited");
      expect(second.generation).toBe(first.generation + 1);
      expect(second.status).toBeUndefined();
    });

    test("that is stored already makes no new version", async () => {
      await write(await created("again"), { budget: 1 });
      const before = await policy("again");
      expect(await write(before, { budget: 1 })).toBe(before.resourceVersion);
    });

    test("that breaks the schema is invalid, of a policy that is gone absent", async () => {
      const first = await created("invalid");
      const refused = await plane.cluster.writeStatus(first.key, first.resourceVersion, {
        used: -1,
      });
      expect(refused.kind).toBe("invalid");
      const absent = await plane.cluster.writeStatus(`${plane.namespace}/none`, "1", {});
      expect(absent.kind).toBe("absent");
    });
  });

  describe("a watch", () => {
    test("begins with a sign of life and brings what happened since, once each", async () => {
      await created("watched");
      const { position } = await list();
      await write(await policy("watched"), { budget: 1 });
      await write(await policy("watched"), { budget: 2 });
      const events = await watchUntil(position, (seen) => setsIn(seen).length === 2);
      expect(events[0]).toEqual({ type: "bookmark", resourceVersion: position });
      expect(setsIn(events).map(({ status }) => status)).toEqual([{ budget: 1 }, { budget: 2 }]);
    });

    test("resumed where it broke misses nothing and repeats nothing", async () => {
      await created("resumed");
      const { position } = await list();
      await write(await policy("resumed"), { budget: 1 });
      const first = await watchUntil(position, (seen) => setsIn(seen).length === 1);
      const reached = setsIn(first)[0]?.resourceVersion ?? "";
      await write(await policy("resumed"), { budget: 2 });
      await write(await policy("resumed"), { budget: 3 });
      const second = await watchUntil(reached, (seen) => setsIn(seen).length === 2);
      expect(setsIn(second).map(({ status }) => status)).toEqual([{ budget: 2 }, { budget: 3 }]);
    });

    test("from before the history that is kept has to start over", async () => {
      await created("forgotten");
      const { position } = await list();
      await write(await policy("forgotten"), { budget: 1 });
      await plane.forgetHistory();
      const outcome = await watchUntil(position, (seen) => setsIn(seen).length > 0).catch(
        (error: unknown) => error,
      );
      expect(outcome).toBeInstanceOf(OperatorError);
      expect(outcome).toMatchObject({ code: "K8S_GONE" });
      const { objects, position: later } = await list();
      expect(objects.find(({ name }) => name === "forgotten")?.status).toEqual({ budget: 1 });
      await write(await policy("forgotten"), { budget: 2 });
      const events = await watchUntil(later, (seen) => setsIn(seen).length === 1);
      expect(setsIn(events)[0]?.status).toEqual({ budget: 2 });
    });
  });

  async function write(to: ObservedPolicy, status: object): Promise<string> {
    const outcome = await plane.cluster.writeStatus(to.key, to.resourceVersion, status);
    return valueOf(outcome).resourceVersion;
  }
}

function setsIn(events: readonly WatchEvent<ObservedPolicy>[]): readonly ObservedPolicy[] {
  return events.flatMap((event) => (event.type === "set" ? [event.object] : []));
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new Error(`${outcome.kind}: ${outcome.message}`);
}
