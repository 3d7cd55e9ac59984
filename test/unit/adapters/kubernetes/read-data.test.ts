// One Secret or ConfigMap: what is read of it, and what is too large to be read.

import { expect, test } from "vitest";
import { createCluster } from "../../../../src/adapters/kubernetes/cluster.ts";
import { createProjections } from "../../../../src/adapters/kubernetes/project.ts";
import { systemClock } from "../../../../src/adapters/clock.ts";
import type { Cluster } from "../../../../src/ports.ts";
import { openFakeApiForEachTest } from "../../../support/fake-api.ts";

const api = openFakeApiForEachTest();

function read(kind: "Secret" | "ConfigMap", data: object): ReturnType<Cluster["readData"]> {
  api.server.failNext({ kind: "body", body: JSON.stringify({ metadata: { name: "db" }, data }) });
  const cluster = createCluster({
    ...{ client: api.client, projections: createProjections(), clock: systemClock },
    ...{ metrics: { count: () => undefined }, instance: "test" },
  });
  return cluster.readData(kind, "shop", "db", ["uri", "ca"]);
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("a secret with the largest CA that is read is read", async () => {
  const ca = "x".repeat(262_144);
  const outcome = await read("Secret", { uri: base64("postgresql://db"), ca: base64(ca) });
  expect(outcome).toMatchObject({ kind: "ok", value: { data: { uri: "postgresql://db", ca } } });
});

test("how long the thread was busy with it is told", async () => {
  const outcome = await read("ConfigMap", { uri: "5" });
  expect(outcome).toMatchObject({ value: { busyMs: expect.any(Number) as number } });
});

test.each(["Secret", "ConfigMap"] as const)(
  "a %s of a megabyte is not, and that is said",
  async (kind) => {
    const data = Object.fromEntries(
      Array.from({ length: 60_000 }, (_, at) => [`key-${at}`, "eA=="]),
    );
    expect(await read(kind, { ...data, uri: base64("postgresql://db") })).toEqual({
      kind: "invalid",
      message: expect.stringContaining("the answer has more than 524288 bytes") as string,
    });
  },
);
