// A kind of the table is everywhere that each kind has to be.

import { expect, test } from "vitest";
import { resourceOf } from "../../../src/adapters/kubernetes/resources.ts";
import { createProjections } from "../../../src/adapters/kubernetes/project.ts";
import { workloadEntry } from "../../../src/api/workload-entry.ts";
import {
  workloadKindNames,
  workloadKindOf,
  workloadKinds,
} from "../../../src/api/workload-kinds.ts";
import { rights } from "../../../src/render/rights.ts";

const projections = createProjections();

test.each(workloadKindNames)(
  "a %s can be named by a policy, is watched and may be patched",
  (kind) => {
    const { apiGroup, version, plural } = workloadKinds[kind];
    const metadata = { namespace: "shop", name: "web", uid: "1", resourceVersion: "1" };
    const may = rights.filter(({ apiGroups }) => apiGroups.includes(apiGroup));

    expect(workloadEntry.safeParse({ kind, name: "web", preset: "hikari" }).error).toBeUndefined();
    expect(resourceOf(kind)).toMatchObject({ apiVersion: `${apiGroup}/${version}`, plural });
    expect(projections[kind]({ metadata })).toMatchObject({ kind, key: "shop/web" });
    expect(
      may.some((right) => right.resources.includes(plural) && right.verbs.includes("patch")),
    ).toBe(true);
  },
);

test.each(["DaemonSet", "constructor", ""])("%j is no kind of workload", (name) => {
  expect(workloadKindOf(name)).toBeUndefined();
});
