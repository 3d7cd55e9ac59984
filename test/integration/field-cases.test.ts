// Situations that people had, on a real control plane: what their pods read in the end, how many
// slots the ledger has for them, and what their owner is told.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { conditionIn, isStaying, openFleet } from "../support/fleet.ts";
import type { Fleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import type { Pod } from "../support/kubelet/pod.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { waitUntil } from "../support/processes.ts";
import { rightValues } from "../support/right-values.ts";
import type { Read, Situation } from "../support/right-values.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";

const folder = join(import.meta.dirname, "..", "support", "declared-fleets");
const kubectl = inject("controlPlane");
const names = [...new Set(rightValues.map(({ fleet }) => fleet))];
const fleets = new Map<string, Fleet>();
let operator: OperatorProcess;

/** Each in a namespace, and on a server, of this file. */
function manifestsOf(name: string): { readonly namespace: string; readonly text: string } {
  const text = readFileSync(join(folder, `${name}.yaml`), "utf8").replaceAll("case-", "field-");
  return { namespace: /namespace: ([a-z0-9-]+)/.exec(text)?.[1] ?? "", text };
}

beforeAll(async () => {
  await ensureAdmissionWorks(kubectl);
  for (const name of names) {
    const { namespace, text } = manifestsOf(name);
    fleets.set(name, await openFleet({ kubectl, namespace, runtime: createInstantRuntime() }));
    const applied = await runKubectl(kubectl, ["apply", "-f", "-"], { stdin: text });
    expect(applied).toMatchObject({ code: 0 });
  }
  const namespaces = names.map((name) => manifestsOf(name).namespace).join(",");
  const { kubeconfigPath } = kubectl;
  operator = await startOperator({ kubeconfigPath, flags: ["--namespaces", namespaces] });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await Promise.all([...fleets.values()].map((fleet) => fleet[Symbol.asyncDispose]()));
});

type Seen = Pick<Situation, "ready" | "held" | "read"> & { readonly told: readonly string[] };

async function seenOf(fleet: Fleet, { policy, read: wanted, told }: Situation): Promise<Seen> {
  const status = await fleet.statusOf(policy);
  const rows = readList(status, "workloads");
  const findings = readList(status, "findings").filter((one) => read(one, "reason") === told?.[0]);
  return {
    ready: read(conditionIn(status, "Ready"), "status") === "True" ? "True" : "False",
    held: rows.reduce<number>((sum, row) => sum + Number(read(row, "heldSlots")), 0),
    read: await Promise.all(wanted.map((one) => readNow(fleet, one))),
    told: findings.map((one) => String(read(one, "message"))),
  };
}

/** Pods whose container reads that value, and the values of the others. */
async function readNow(fleet: Fleet, wanted: Read): Promise<Read> {
  const pods = (await fleet.pods(wanted.app)).filter(isStaying);
  const values = pods.map((pod) => valueIn(pod, wanted));
  const right = values.filter((value) => value === wanted.value);
  return { ...wanted, pods: right.length === values.length ? values.length : -values.length };
}

function valueIn(pod: Pod, { container, variable }: Read): string | undefined {
  const all = [...readList(pod, "spec", "containers"), ...readList(pod, "spec", "initContainers")];
  const own = all.find((one) => read(one, "name") === container);
  const entry = readList(own, "env").findLast((one) => read(one, "name") === variable);
  return entry === undefined ? undefined : String(read(entry, "value"));
}

it.each(rightValues)("$fleet: $policy", { timeout: 120_000 }, async (situation) => {
  const fleet = fleets.get(situation.fleet);
  if (!fleet) throw new Error("it was opened before");
  if (situation.replaced) {
    await waitUntil("its grant", async () => {
      const status = await fleet.statusOf(situation.policy);
      return Object.keys(read(status, "grants") ?? {}).length > 0;
    });
    await fleet.kubectl("delete pods --all --wait=false");
  }
  const { ready, held, read: wanted, told } = situation;
  let seen: Seen | undefined;
  const isRight = async (): Promise<boolean> => {
    seen = await seenOf(fleet, situation);
    const isTold = told === undefined || seen.told.some((message) => message.includes(told[1]));
    return (
      isTold &&
      JSON.stringify([seen.ready, seen.held, seen.read]) === JSON.stringify([ready, held, wanted])
    );
  };
  await waitUntil("the right values", isRight, 100_000).catch(() => undefined);
  expect(seen).toMatchObject({ ready, held, read: wanted });
  if (told) expect(seen?.told.join("\n")).toContain(told[1]);
});
