// Workloads whose pods do not get another template by themselves: a plan over what runs does not
// replace them, and says until when they stay.

import { expect, test } from "vitest";
import { aFleetOf, stepsIn } from "../../support/plan-fleet.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  manifests,
} from "../../support/plan-setup.ts";

const uri = "postgres://app@db.shop.svc/shop";

test.each([
  {
    what: "a paused Deployment",
    kind: "Deployment",
    more: "paused: true",
    until: "it is resumed",
  },
  {
    what: "a StatefulSet with OnDelete",
    kind: "StatefulSet",
    more: "updateStrategy: { type: OnDelete }",
    until: "they are deleted",
  },
])("another template of $what replaces no pod", async ({ kind, more, until }) => {
  const store = (env: string): string =>
    aWorkloadNamed("store", { kind, replicas: 8, env }).replace("spec:", `spec:\n  ${more}`);
  const fleet = await aFleetOf(
    manifests(
      aPolicyOn(bySecret, "  mode: Observe"),
      store("[{ name: DB_POOL_MAX_SIZE, value: '8' }]"),
    ),
    { uri },
  );
  const after = store("[{ name: DB_POOL_MAX_SIZE, value: '8' }, { name: LOG_LEVEL, value: info }]");
  const answer = await answerOn(after, ["--against-cluster"], { fleet });
  expect(stepsIn(answer)).toEqual([
    `apply: ${kind} shop/store gets another template, and keeps its pods until ${until}`,
  ]);
  expect(answer.peaks).toEqual([]);
});
