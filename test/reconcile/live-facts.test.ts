// Whether a pool may be resized while its pods run: what its policy and the operator's owner say.

import { expect, test } from "vitest";
import { resizeFindings, resizeFactsOf, wasLive } from "../../src/reconcile/observe/live-facts.ts";
import { resizeNeedsAdmission, resizeNeedsRights } from "../../src/render/live-rights.ts";

const live = { resize: "Live" } as const;
const spec = { mode: "Enforce" } as const;
const admission = { spec, delivery: "Admission" } as const;
const template = { spec, delivery: "Template" } as const;
const allowed = { mayResize: true };

test.each([
  ["with the right and delivery Admission", { said: allowed, delivery: admission, messages: [] }],
  ["without the right", { said: {}, delivery: admission, messages: [resizeNeedsRights] }],
  [
    "with delivery Template",
    { said: allowed, delivery: template, messages: [resizeNeedsAdmission] },
  ],
])("%s it is live, or the finding says what is missing", (_, { said, delivery, messages }) => {
  expect(resizeFactsOf(said, live, delivery)).toEqual(messages.length === 0 ? live : {});
  expect(resizeFindings(said, live, delivery).map(({ message }) => message)).toEqual(messages);
});

test("who does not ask is told nothing", () => {
  expect(resizeFactsOf({}, {}, template)).toEqual({});
  expect(resizeFindings({}, {}, template)).toEqual([]);
});

test("on its way to Template no pod is resized any more", () => {
  expect(resizeFactsOf(allowed, live, { ...admission, migratingToTemplate: true })).toEqual({});
});

test("a pool was live where the last status of this server says so", () => {
  const live = { pods: 1, otherPods: 0, inForce: 3, unproven: 0, lackingSlots: 0 };
  expect(wasLive({ live }, {})).toEqual({ wasLive: true });
  expect(wasLive({ live }, { cameFromElsewhere: true })).toEqual({});
  expect(wasLive({}, {})).toEqual({});
  expect(wasLive(undefined, {})).toEqual({});
});

test("pods that are picked by their labels are never live", () => {
  const pods = { matchLabels: { app: "nightly" } };
  expect(resizeFactsOf(allowed, { ...live, pods }, admission)).toEqual({});
});

test("new pods wait for their slots where the entry says so, and the policy is in force", () => {
  const entry = { ...live, start: "WhenSlotsAreFree" } as const;
  expect(resizeFactsOf(allowed, entry, admission)).toEqual(entry);
  const observing = { ...admission, spec: { mode: "Observe" } as const };
  expect(resizeFactsOf(allowed, entry, observing)).toEqual(live);
  expect(resizeFactsOf({}, entry, admission)).toEqual({});
});

test("a pooler is followed on its console where its entry has a login for it, and somebody does", () => {
  const following = { ...allowed, followsConsoles: true };
  const console = { secretRef: { name: "console", key: "uri" } };
  const pooler = { ...live, preset: "pgbouncer", console } as const;
  expect(resizeFactsOf(following, pooler, admission).console).toBe("Followed");
  expect(resizeFactsOf(allowed, pooler, admission).console).toBeUndefined();
  const lacking = { ...live, preset: "pgbouncer-bitnami" } as const;
  expect(resizeFactsOf(allowed, lacking, admission).console).toBe("Lacking");
  const zalando = { ...live, preset: "pgbouncer-zalando" } as const;
  expect(resizeFactsOf(following, zalando, admission).console).toBe("Useless");
  expect(resizeFactsOf(following, { ...live, preset: "hikari" }, admission)).toEqual(live);
});
