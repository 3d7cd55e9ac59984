// The scenarios of `make kind-e2e` on the bare control plane: without image, chart and nodes, but
// with the same kubectl commands and the same demands, so that they are right before kind plays.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { SCENARIOS } from "../kind-e2e/scenarios.ts";
import type { Site } from "../kind-e2e/site.ts";
import { withinLimit } from "../kind-e2e/site.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { openFleet } from "../support/fleet.ts";
import type { Fleet } from "../support/fleet.ts";
import { manifests } from "../support/installed-plane.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";

const shared = inject("controlPlane");
const namespace = "scenarios";
const TIMEOUT_MS = 300_000;

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  await ensureAdmissionWorks(shared);
  postgres = await startPostgres({ maxConnections: 100 });
  fleet = await openFleet({ kubectl: shared, namespace });
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  operator = await launch();
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await kubectl(`apply --server-side --force-conflicts -f ${manifests}`);
  await ensureAdmissionWorks(shared);
  await postgres.stop();
});

function launch(): Promise<OperatorProcess> {
  const { kubeconfigPath } = shared;
  return startOperator({ kubeconfigPath, flags: ["--namespaces", namespace] });
}

async function kubectl(words: string): Promise<string> {
  const { code, stdout, stderr } = await runKubectl(shared, words.split(" "));
  if (code !== 0) throw new Error(`kubectl ${words}: ${stderr}`);
  return stdout;
}

const site: Site = {
  namespace,
  limit: 100,
  kubectl,
  killOperator: async () => {
    await operator.stop("SIGKILL");
    operator = await launch();
  },
  restoreAdmission: async () => {
    await kubectl(`apply --server-side --force-conflicts -f ${manifests}`);
  },
};

describe("the scenarios of kind-e2e, one after the other", () => {
  it.each(SCENARIOS)("$name", { timeout: TIMEOUT_MS }, async ({ play }) => {
    await play(site);
  });

  it("notice pools that do not fit", async () => {
    await expect(withinLimit({ ...site, limit: 1 }, () => Promise.resolve())).rejects.toThrow(
      /came to \d+ sessions of 1/,
    );
  });

  it("have a database that the API server accepts", async () => {
    const path = join(import.meta.dirname, "..", "kind-e2e", "database.yaml");
    await kubectl(`-n ${namespace} apply --dry-run=server --validate=strict -f ${path}`);
  });
});
