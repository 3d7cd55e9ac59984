// Which container holds the pool, where the policy does not say it: a wrong guess would size the
// wrong process and count the right one as something else.

import { expect, test } from "vitest";
import type { ObservedContainer } from "../../src/observed.ts";
import { chooseContainer } from "../../src/reconcile/sizes/container.ts";
import { aSizing, aSpec } from "../support/builders.ts";

const env = [{ name: "DB_POOL_MAX_SIZE", value: "40" }];
const envFrom = [{ kind: "ConfigMap" as const, name: "settings", prefix: "" }];
const app: ObservedContainer = { name: "app", env, envFrom: [] };
const jobs: ObservedContainer = { name: "jobs", env: [], envFrom: [] };
const [entry] = aSpec().workloads;
if (!entry) throw new Error("the minimal policy has one entry");

test.each<{
  name: string;
  containers: readonly ObservedContainer[];
  defaultContainer?: string;
  want: string;
}>([
  { name: "only one sets the variable", containers: [jobs, app], want: "app" },
  {
    name: "another one may take it from a ConfigMap",
    containers: [app, { ...jobs, envFrom }],
    want: "ContainerAmbiguous",
  },
  {
    name: "another one may, and is the default container",
    containers: [app, { ...jobs, envFrom }],
    ...{ defaultContainer: "jobs", want: "jobs" },
  },
  {
    name: "another one may, and this is the default container",
    containers: [app, { ...jobs, envFrom }],
    ...{ defaultContainer: "app", want: "app" },
  },
  {
    name: "it takes everything else from a ConfigMap itself",
    containers: [{ ...app, envFrom }, jobs],
    want: "app",
  },
  {
    name: "another one is the default container and sets nothing",
    containers: [app, jobs],
    ...{ defaultContainer: "jobs", want: "app" },
  },
  {
    name: "two set it and none is the default container",
    containers: [app, { ...app, name: "jobs" }],
    want: "ContainerAmbiguous",
  },
  {
    name: "none of two sets it",
    containers: [jobs, { ...jobs, name: "b" }],
    want: "ContainerAmbiguous",
  },
  {
    name: "none sets it, and the other one is a sidecar",
    containers: [jobs, { ...jobs, name: "proxy", isSidecar: true }],
    want: "jobs",
  },
  {
    name: "none sets it, and the default container says nothing where the other one may",
    containers: [
      { ...jobs, name: "edge" },
      { ...jobs, envFrom },
    ],
    ...{ defaultContainer: "edge", want: "ContainerAmbiguous" },
  },
  {
    name: "none sets it, and the default container may",
    containers: [
      { ...jobs, envFrom },
      { ...jobs, name: "b", envFrom },
    ],
    ...{ defaultContainer: "b", want: "b" },
  },
  {
    name: "none sets it, and the other one is the proxy of a mesh",
    containers: [{ ...jobs, name: "istio-proxy" }, jobs],
    want: "jobs",
  },
  {
    name: "none sets it, and the default container is such a proxy",
    containers: [{ ...jobs, name: "linkerd-proxy" }, jobs],
    ...{ defaultContainer: "linkerd-proxy", want: "jobs" },
  },
  {
    name: "the proxy itself sets it",
    containers: [{ ...app, name: "envoy" }, jobs],
    want: "envoy",
  },
])("where $name: $want", ({ containers, defaultContainer, want }) => {
  const choice = chooseContainer(entry, { containers, defaultContainer }, aSizing());
  expect(choice.container?.name ?? choice.finding?.reason).toBe(want);
});
