// A roll to free slots does not start pods that take as many in a pool that nobody sizes.

import { expect, test } from "vitest";
import { unsizedWouldTakeMore } from "../../../src/domain/decide/unsized-pools.ts";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { aGrant, aPosition, aWorkload, pods } from "../../support/builders.ts";

interface Row {
  readonly name: string;
  readonly toShrink?: boolean;
  /** What the roll frees. */
  readonly slots?: number;
  /** Of the other pool, of which three pods hold 7 each. */
  readonly other?: Partial<PoolFacts>;
  readonly own?: Partial<PoolFacts>;
  /** It counts on another server, which this roll frees of nothing. */
  readonly isElsewhere?: boolean;
  readonly isHeldBack: boolean;
}

const released = { isReleased: true } as const;
const template = { poolSize: 12, source: "literal" } as const;

const unlimited = pods(3).map((pod) => ({
  ...pod,
  own: { poolSize: 9, source: "literal" as const, unlimited: true as const },
}));

test.each<Row>([
  { name: "it takes more than is freed", slots: 14, isHeldBack: true },
  { name: "it takes as much", slots: 15, isHeldBack: true },
  { name: "it takes less", slots: 16, isHeldBack: false },
  { name: "it takes as much of another server", isElsewhere: true, isHeldBack: false },
  { name: "the roll is to grow", toShrink: false, isHeldBack: false },
  { name: "the other pool is sized", other: { grant: aGrant(12) }, isHeldBack: false },
  {
    name: "its template says no more than it holds",
    other: { ...released, template: { ...template, poolSize: 7 } },
    isHeldBack: false,
  },
  {
    name: "pods have a pool without a limit",
    own: { pods: unlimited },
    isHeldBack: false,
  },
])(
  "$name",
  ({ toShrink = true, slots = 6, other = released, own, isHeldBack, isElsewhere = false }) => {
    const sizing = { processesPerPod: 1, extraConnectionsPerPod: 0 };
    const seven = { sizing, replicas: 3, pods: pods(3, { poolSize: 7 }), template };
    const position = aPosition(aWorkload("web", { ...seven, grant: aGrant(2), ...own }));
    const unsized = aPosition(aWorkload("web", { ...seven, grant: undefined, ...other }));
    const beside = [{ index: 1, position: unsized, poolSize: unsized.inForce }];
    const wish = { index: 0, position, poolSize: 2, toShrink, slots, addedSlots: 0, beside };
    const [here, there] = [{ limit: { kind: "linked" } }, { limit: { kind: "linked" } }] as const;
    const limits = { of: (index: number) => [index === 1 && isElsewhere ? there : here] };
    const obstacle = unsizedWouldTakeMore(wish, { terms: { limits } });
    if (isHeldBack) {
      expect(obstacle?.message).toContain(`would free ${slots} slots and take 15 more`);
    } else {
      expect(obstacle).toBeUndefined();
    }
  },
);
