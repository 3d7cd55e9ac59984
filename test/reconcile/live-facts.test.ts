// Whether a pool may be resized while its pods run, by what its policy and the operator's owner say.

import { expect, test } from "vitest";
import { resizeFindings, resizeOf } from "../../src/reconcile/observe/live-facts.ts";
import { resizeNeedsAdmission, resizeNeedsRights } from "../../src/render/live-rights.ts";

const live = { resize: "Live" } as const;
const admission = { delivery: "Admission" } as const;
const template = { delivery: "Template" } as const;
const allowed = { mayResize: true };

test.each([
  ["with the right and delivery Admission it is live", allowed, live, admission, live, []],
  ["without the right it is not", {}, live, admission, {}, [resizeNeedsRights]],
  ["with delivery Template it is not", allowed, live, template, {}, [resizeNeedsAdmission]],
  ["who does not ask is told nothing", {}, {}, template, {}, []],
])("%s", (_, rights, entry, delivery, resize, messages) => {
  expect(resizeOf(rights, entry, delivery)).toEqual(resize);
  expect(resizeFindings(rights, entry, delivery).map(({ message }) => message)).toEqual(messages);
});

test("on its way to Template no pod is resized any more", () => {
  expect(resizeOf(allowed, live, { ...admission, migratingToTemplate: true })).toEqual({});
});

test("pods that are picked by their labels are never live", () => {
  const pods = { matchLabels: { app: "nightly" } };
  expect(resizeOf(allowed, { ...live, pods }, admission)).toEqual({});
});
