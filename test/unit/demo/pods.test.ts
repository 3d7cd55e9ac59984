// What the demo says of the pods is read from the pods' own specs; these are the readings.
import { describe, expect, test } from "vitest";
import { sizeOf, summarisePods } from "../../demo/pods.ts";
import { pod } from "./demo-objects.ts";

describe("the pods of the services", () => {
  test("are counted by service and by the size in their own environment", () => {
    const pods = [
      pod({ service: "worker", size: "8", sized: false }),
      pod({ service: "web", size: "50", sized: false }),
      pod({ service: "web", size: "4" }),
      pod({ service: "web", size: "4", ready: false }),
    ];
    const [web, worker] = summarisePods(pods);
    expect(web).toEqual({
      name: "web",
      pods: 3,
      ready: 2,
      terminating: 0,
      sizes: new Map([
        [4, 2],
        [50, 1],
      ]),
      unsized: 1,
    });
    expect(worker?.sizes).toEqual(new Map([[8, 1]]));
  });

  test("that terminate count as pods, and neither as ready nor by size", () => {
    const [web] = summarisePods([pod({ service: "web", size: "4", terminating: true })]);
    expect(web).toMatchObject({ pods: 1, ready: 0, terminating: 1, sizes: new Map() });
  });

  test("of a live pod is the one that its annotation says now", () => {
    const fieldRef = { fieldPath: "metadata.annotations['poolwarden.dev/pool-size']" };
    const env = [{ name: "DB_POOL_MAX_SIZE", valueFrom: { fieldRef } }];
    const metadata = { annotations: { "poolwarden.dev/pool-size": "12" } };
    expect(sizeOf({ metadata, spec: { containers: [{ env }] } })).toBe(12);
  });

  test.each([
    { name: "the last entry of the name counts", sizes: ["50", "4"], wantSize: 4 },
    { name: "without the entry it is 0", sizes: [], wantSize: 0 },
  ])("have a pool size: $name", ({ sizes, wantSize }) => {
    const env = sizes.map((value) => ({ name: "DB_POOL_MAX_SIZE", value }));
    expect(sizeOf({ spec: { containers: [{ env }] } })).toBe(wantSize);
  });
});
