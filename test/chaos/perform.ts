// Makes the events happen. What breaks a part is mended in the background, so that events overlap;
// two events of one part follow each other. What replaces pods waits until the room is free, which
// is all that the owners are asked for; scaling up within the plan asks nobody.
import { setTimeout as delay } from "node:timers/promises";
import type { Line } from "../support/tcp.ts";
import { deletePods, patchDeployment, patchEnvironment, waitForRoom } from "./cluster.ts";
import { readDeployments } from "./cluster.ts";
import type { ChaosAction, CutHow, Disturbance, OwnersAction } from "./draw-events.ts";
import type { Operators } from "./operators.ts";
import { buildPolicySpec, NAMESPACE, POLICY } from "./services.ts";
import type { Stage } from "./stage.ts";
import { read } from "../support/kubernetes-rest.ts";

const TRY_AGAIN_AFTER_MS = 500;

export type Performer = {
  /** Resolves when it has happened; what it broke is mended later. */
  perform(action: ChaosAction): Promise<void>;
  /** Resolves when everything that was broken works again. */
  mended(): Promise<void>;
};

type Part = "operator" | "second" | "apiServer" | "database" | "apiLine" | "databaseLine";

/** `breakIt` and then, in the background, `mend`; a part is never broken twice at a time. */
type Disturb = (
  part: Part,
  breakIt: () => Promise<unknown>,
  mend: () => Promise<unknown>,
) => Promise<void>;

export function createPerformer(stage: Stage, operators: Operators): Performer {
  const mending = new Map<Part, Promise<unknown>>();
  const disturb: Disturb = async (part, breakIt, mend) => {
    await mending.get(part);
    await breakIt();
    const mended = mend();
    // Whoever waits for it hears of a failure.
    mended.catch(() => undefined);
    mending.set(part, mended);
  };
  const weights = new Map<string, number>();
  let version = 1;
  return {
    perform: (action) =>
      "service" in action
        ? actAsOwner(action, { stage, weights, nextVersion: () => String(version++) })
        : disturbPart(action, { stage, operators, disturb }),
    mended: async () => {
      await Promise.all(mending.values());
    },
  };
}

type Owners = {
  readonly stage: Stage;
  readonly weights: Map<string, number>;
  readonly nextVersion: () => string;
};

async function actAsOwner(
  action: OwnersAction,
  { stage, weights, nextVersion }: Owners,
): Promise<void> {
  const { service } = action;
  switch (action.kind) {
    case "Scale":
      return scale(stage, service, action.replicas);
    case "Deploy":
      await waitForRoom(stage);
      return patchEnvironment(stage, service, { VERSION: nextVersion() });
    case "DeletePods":
      await waitForRoom(stage);
      return deletePods(stage, service, action.pods);
    case "Reweigh":
      weights.set(service, action.weight);
      return applyPolicy(stage, weights);
  }
}

type Scene = { readonly stage: Stage; readonly operators: Operators; readonly disturb: Disturb };

function disturbPart(action: Disturbance, { stage, operators, disturb }: Scene): Promise<void> {
  const { plane, postgres, apiLine, databaseLine } = stage;
  switch (action.kind) {
    case "KillOperator":
      return disturb(
        "operator",
        () => operators.kill(),
        () => delay(action.downMs).then(() => operators.start()),
      );
    case "SecondOperator":
      return disturb(
        "second",
        () => Promise.resolve(),
        () => operators.runSecond(delay(action.forMs)),
      );
    case "RestartApiServer":
      return disturb(
        "apiServer",
        () => plane.stopApiServer("SIGKILL"),
        () => delay(action.downMs).then(() => plane.startApiServer()),
      );
    case "RestartDatabase":
      if (action.how === "fast")
        return disturb(
          "database",
          () => postgres.restart(),
          () => Promise.resolve(),
        );
      return disturb(
        "database",
        () => postgres.kill(),
        () => delay(action.downMs).then(() => postgres.start()),
      );
    case "CutDatabase":
      return disturb("databaseLine", ...cut(databaseLine, action.how, action.forMs));
    case "CutApiServer":
      return disturb("apiLine", ...cut(apiLine, action.how, action.forMs));
  }
}

function cut(
  line: Line,
  how: CutHow,
  forMs: number,
): [breakIt: () => Promise<void>, mend: () => Promise<void>] {
  return [
    () => {
      if (how === "silent") line.freeze();
      else line.cut();
      return Promise.resolve();
    },
    async () => {
      await delay(forMs);
      line.thaw();
    },
  ];
}

async function scale(stage: Stage, service: string, replicas: number): Promise<void> {
  const deployment = (await readDeployments(stage)).find(
    (one) => read(one, "metadata", "name") === service,
  );
  // Pods that leave need the room; those that come have their own place on the ledger.
  if (replicas < Number(read(deployment, "spec", "replicas"))) await waitForRoom(stage);
  await patchDeployment(stage, service, { spec: { replicas } });
}

/** Applied again until the API server takes it. */
export async function applyPolicy(
  stage: Stage,
  weights: ReadonlyMap<string, number>,
): Promise<void> {
  const policy = {
    apiVersion: "poolwarden.dev/v1alpha1",
    kind: "PoolPolicy",
    metadata: { namespace: NAMESPACE, name: POLICY },
    spec: buildPolicySpec(weights),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      await stage.apply(policy);
      return;
    } catch (error) {
      if (attempt === 60) throw error;
      await delay(TRY_AGAIN_AFTER_MS);
    }
  }
}
