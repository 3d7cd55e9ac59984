// The seven ways to give pods their pool sizes that are compared. Three are what people do today;
// the others are the production operator, whole, with each of its deliveries, and with live pools,
// whose new pods start at once or behind the start gate.

import { type Delivery, keyOf, namespace, policy, policySpec, type Scene } from "./scene.ts";
import { declaredBudget, type Service, services } from "./services.ts";
import { staticSizes } from "./static-sizes.ts";

export const wayNames = ["a", "b", "c", "d", "e", "f", "g"] as const;
export type WayName = (typeof wayNames)[number];

export interface Way {
  readonly title: string;
  /** Field managers whose rollouts it has to answer for, beside every write of the operator. */
  readonly managers: readonly string[];
  /** Goes to work on a fleet that was created with the sizes of (b). */
  readonly begin: (scene: Scene) => void;
}

const byHand = "platform-team";
const naive = "naive-operator";
/** What the manifest of a new service says, whoever wrote it. */
const manifestPoolSize = 10;
/** By hand one goes on when the last rollout is over: its pods started anew. */
const rolloutMs = 2 * 60_000;
/** By then the operator has published the sizes of a fleet that it was given. */
const takenOverMs = 2 * 60_000;
/** From a change of the replicas to the naive operator's patches. */
const naiveReactionMs = 1_000;

export const ways: Readonly<Record<WayName, Way>> = {
  a: { title: "static, autoscaler's maximum", managers: [byHand], begin: beginStatic(0) },
  b: { title: "static, with room for a rollout", managers: [byHand], begin: beginStatic(1) },
  c: { title: "naive operator", managers: [naive], begin: beginNaive },
  d: {
    title: "Poolwarden, Template",
    managers: [],
    begin: beginPoolwarden({ delivery: "Template" }),
  },
  e: {
    title: "Poolwarden, Admission",
    managers: [],
    begin: beginPoolwarden({ delivery: "Admission" }),
  },
  f: {
    title: "Poolwarden, live pools",
    managers: [],
    begin: beginLive({ delivery: "Admission", resize: "Live" }),
  },
  g: {
    title: "Poolwarden, live pools behind the start gate",
    managers: [],
    begin: beginLive({ delivery: "Admission", resize: "Live", start: "WhenSlotsAreFree" }),
  },
};

/** Sizes that a team works out, writes, and works out anew when a service comes. */
function beginStatic(rollouts: number): Way["begin"] {
  return (scene) => {
    for (const [name, size] of staticSizes(services, rollouts)) {
      scene.writeSize(name, size, byHand);
    }
    scene.onNewService = (service) => {
      makeRoomByHand(scene, service, rollouts);
    };
  };
}

/** One rollout after the other, and the new service when all others have shrunk. */
function makeRoomByHand(scene: Scene, service: Service, rollouts: number): void {
  const sizes = staticSizes([...scene.services.values(), service], rollouts);
  const before = staticSizes(scene.services.values(), rollouts);
  const changed = [...before.keys()].filter((name) => before.get(name) !== sizes.get(name));
  let atMs = 0;
  for (const name of changed) {
    scene.time.after(atMs, () => {
      scene.writeSize(name, sizes.get(name) ?? 0, byHand);
    });
    atMs += rolloutMs + (scene.services.get(name)?.graceMs ?? 0);
  }
  scene.time.after(atMs, () => {
    scene.create(service, service.min, sizes.get(service.name) ?? 0);
  });
}

/** The budget by the pods that are wanted now, for everybody, whenever that number changes. */
function beginNaive(scene: Scene): void {
  let isDue = false;
  const divide = (): void => {
    isDue = false;
    const names = [...scene.services.keys()];
    const replicas = names.map((name) => scene.world.workloads.require(keyOf(name)).replicas);
    const pods = replicas.reduce((sum, one) => sum + one, 0);
    const poolSize = Math.max(1, Math.floor(declaredBudget / pods));
    for (const name of names) scene.writeSize(name, poolSize, naive);
  };
  scene.watchWrites(({ verb, fields }) => {
    if (isDue || !(verb === "create" || fields.includes("replicas"))) return;
    isDue = true;
    scene.time.after(naiveReactionMs, divide);
  });
  divide();
  createAtOnce(scene);
}

function beginPoolwarden(delivery: Delivery): Way["begin"] {
  return (scene) => {
    const [, name = ""] = policy.split("/");
    scene.world.createPolicy({ namespace, name, spec: policySpec(delivery) });
    scene.operators.start(1);
    createAtOnce(scene);
  };
}

/** Pods that started without the file keep their size: every service is deployed once more. */
function beginLive(delivery: Delivery): Way["begin"] {
  return (scene) => {
    beginPoolwarden(delivery)(scene);
    scene.time.after(takenOverMs, () => {
      for (const name of scene.services.keys()) scene.deploy(name);
    });
  };
}

/** Nobody has to be asked: its manifest is applied. */
function createAtOnce(scene: Scene): void {
  scene.onNewService = (service) => {
    scene.create(service, service.min, manifestPoolSize);
  };
}
