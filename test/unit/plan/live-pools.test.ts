// Pools that are resized while their pods run, as plan answers for them: what pods start with, what
// running ones have, and what applying manifests over a running fleet does to them.

import { describe, expect, test } from "vitest";
import type { LiveFleet } from "../../../src/plan/live-fleet.ts";
import { resizeNeedsRights } from "../../../src/render/live-rights.ts";
import { aFleetOf, stepsIn } from "../../support/plan-fleet.ts";
import {
  anAutoscaler,
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  declared,
  manifests,
  planOn,
} from "../../support/plan-setup.ts";

const web = manifests(aWorkloadNamed("web"), anAutoscaler("web", 15));
const limit = ["--max-connections", "100"];
const gate = "start: WhenSlotsAreFree";

function livePolicy(more = "", database = bySecret): string {
  return aPolicyOn(database).replace("workloads: [{", `workloads: [{ resize: Live, ${more}`);
}

describe("running pods get more than new ones start with", () => {
  // 86 slots: 11 more pods and a rollout of 15 start with 2 each, which leaves 34 for 4 pods.
  test("as much as pods that may come and a rollout leave", async () => {
    const answer = await answerOn(manifests(livePolicy(), web), limit);
    expect(answer).toMatchObject({ exitStatus: 0 });
    expect(answer.servers[0]).toMatchObject({ used: 86, budget: 86 });
    expect(answer.servers[0]?.pools).toMatchObject([{ poolSize: 2, live: { least: 8, most: 9 } }]);
  });

  test("all but 5 % of the slots behind the start gate", async () => {
    const answer = await answerOn(manifests(livePolicy(`${gate}, `), web), limit);
    expect(answer.servers[0]).toMatchObject({ used: 80, budget: 86 });
    expect(answer.servers[0]?.pools).toMatchObject([
      { poolSize: 2, live: { least: 20, most: 20 } },
    ]);
  });

  test("and a what-if says what they have once there are more of them", async () => {
    const args = [...limit, "--what-if", "replicas=Deployment/web=15"];
    const answer = await answerOn(manifests(livePolicy(`${gate}, `), web), args);
    expect(answer.servers[0]?.pools).toMatchObject([{ poolSize: 2, live: { least: 5, most: 6 } }]);
  });

  test("which the table and a note say", async () => {
    const { stdout } = await planOn(manifests(livePolicy(), web), limit);
    expect(stdout).toContain("2, running 8-9");
    expect(stdout).toContain("Note: 1 pool is live: next pods start with the first size");
    expect(stdout).not.toContain("pool_mode");
    const more = "preset: pgbouncer, console: { secretRef: { name: console } }, ";
    const pooler = await planOn(manifests(livePolicy(more), web), limit);
    expect(pooler.stdout).toContain("and of PgBouncer that pool_mode is transaction or statement");
  });

  test("but not on a server that nobody reads, and it is said", async () => {
    const answer = await answerOn(manifests(livePolicy("", declared), web));
    expect(answer.servers[0]?.pools[0]).not.toHaveProperty("live");
    expect(answer.policies[0]?.status.findings).toMatchObject([{ reason: "CannotBeLive" }]);
    expect(answer.notes.join("\n")).not.toContain("live");
  });
});

describe("over a cluster", () => {
  const running = (more = ""): Promise<LiveFleet> => aFleetOf(manifests(livePolicy(more), web));
  const scaled = aWorkloadNamed("web", { replicas: 12 });

  test.each([
    { name: "running pods give what new ones need", more: "", want: "4-5, before 8-9" },
    { name: "behind the start gate as well", more: `${gate}, `, want: "6-7, before 20" },
  ])("$name", async ({ more, want }) => {
    const fleet = await running(more);
    const answer = await answerOn(scaled, ["--against-cluster"], { fleet });
    expect(answer.exitStatus).toBe(0);
    expect(stepsIn(answer)).toEqual([
      "apply: Deployment shop/web is scaled from 4 to 12 pods",
      `operator: Deployment shop/web running pods are resized to ${want}`,
    ]);
  });

  test("an operator without the right sizes them by rollouts", async () => {
    const fleet = await running();
    const objects = fleet.objects.map((object) => {
      const { status } = object.raw as { status?: object };
      if (!status) return object;
      const message = `Deployment/web: ${resizeNeedsRights}`;
      const said = { ...status, findings: [{ reason: "CannotBeLive", message }] };
      return { ...object, raw: { ...object.raw, status: said } };
    });
    const args = ["--against-cluster"];
    const answer = await answerOn(scaled, args, { fleet: { ...fleet, objects } });
    expect(stepsIn(answer).join("\n")).not.toContain("resized");
    expect(answer.policies[0]?.status.findings).toMatchObject([{ reason: "CannotBeLive" }]);
  });
});
