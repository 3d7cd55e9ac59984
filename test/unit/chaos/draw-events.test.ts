// A seed must mean the same run on every machine, a short run must have every kind of event in it,
// and nothing may be asked for that the plan does not allow.
import { describe, expect, it } from "vitest";
import { describeAction, drawEvents } from "../../chaos/draw-events.ts";
import type { ChaosEvent } from "../../chaos/draw-events.ts";
import { SERVICES } from "../../chaos/services.ts";
import { seededRandom } from "../../support/prng.ts";

const KINDS = 10;

function draw(seed: number, count: number): ChaosEvent[] {
  return drawEvents(seededRandom(seed), count);
}

function replicasMax(service: string): number {
  return SERVICES.find(({ name }) => name === service)?.maxReplicas ?? 0;
}

describe("the events of a run", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(draw(7, 100)).toEqual(draw(7, 100));
    expect(draw(7, 100)).not.toEqual(draw(8, 100));
  });

  it("are as many as asked for, every kind among them", () => {
    for (const count of [0, KINDS, 12, 100]) {
      const events = draw(1, count);
      expect(events).toHaveLength(count);
      const kinds = new Set(events.map(({ action }) => action.kind));
      expect(kinds.size).toBe(Math.min(count, KINDS));
    }
  });

  it("stay within the plan", () => {
    for (const { action } of draw(3, 1_000)) {
      if (!("service" in action)) continue;
      const most = replicasMax(action.service);
      if (action.kind === "Scale") expect(action.replicas).toBeLessThanOrEqual(most);
      if (action.kind === "Scale") expect(action.replicas).toBeGreaterThan(0);
      if (action.kind === "DeletePods") expect(action.pods).toBeLessThanOrEqual(most);
      if (action.kind === "DeletePods") expect(action.pods).toBeGreaterThan(0);
    }
  });

  it("each have a sentence of their own", () => {
    const sentences = draw(1, KINDS).map(({ action }) => describeAction(action));
    expect(new Set(sentences).size).toBe(KINDS);
    for (const sentence of sentences) expect(sentence).not.toContain("undefined");
  });
});
