// A fleet that runs, for plans over it: what the same program decides on manifests, so it is at
// rest, and the statuses are those that the operator would publish.

import { loadAll } from "js-yaml";
import type { Answer } from "../../src/plan/answer.ts";
import { type LiveFleet, liveObject } from "../../src/plan/live-fleet.ts";
import { budgetKind, type ManifestObject } from "../../src/plan/objects.ts";
import { answerOn, manifests } from "./plan-setup.ts";

type Raw = { kind: string; metadata: { name: string; namespace: string }; status?: unknown };
type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface FleetOptions {
  /** Of logins that `beside` does not have. */
  readonly uri?: string | undefined;
  readonly args?: readonly string[];
  /** Secrets and ConfigMaps that the operator reads. */
  readonly beside?: readonly string[];
  /** Those that whoever plans may read, by name. */
  readonly secrets?: Texts;
  readonly maps?: Texts;
}

/** `text` as it runs. */
export async function aFleetOf(text: string, options: FleetOptions = {}): Promise<LiveFleet> {
  const { uri, args = [], beside = [], secrets = {}, maps = {} } = options;
  const all = manifests(text, ...beside);
  const flags = ["--max-connections", "100", ...args];
  const { policies } = await answerOn(all, flags, uri === undefined ? {} : { uri });
  const statuses = new Map(policies.map((one) => [one.policy, one.status]));
  const objects = (loadAll(text) as Raw[]).map((raw): ManifestObject => {
    const { namespace, name } = raw.metadata;
    const status = raw.kind === "PoolPolicy" ? statuses.get(`${namespace}/${name}`) : raw.status;
    return liveObject({
      ...{ kind: raw.kind, namespace, name },
      raw: { ...raw, metadata: { ...raw.metadata, generation: 1 }, status },
    });
  });
  const readData: LiveFleet["readData"] = (kind, _, name) => {
    const data = (kind === "Secret" ? secrets : maps)[name];
    return Promise.resolve(
      data
        ? { kind: "ok", value: { resourceVersion: "1", data } }
        : { kind: "absent", message: "nothing there" },
    );
  };
  const [budgets, others] = [true, false].map((isBudget) =>
    objects.filter(({ kind }) => (kind === budgetKind) === isBudget),
  );
  return { objects: others ?? [], budgets, readData, close: () => Promise.resolve() };
}

/** `apply: Deployment shop/web is scaled …` */
export function stepsIn({ steps = [] }: Answer): string[] {
  return steps.map(({ by, object, message }) => `${by}: ${object} ${message}`);
}
