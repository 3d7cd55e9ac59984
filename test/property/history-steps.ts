// What happens to a modelled fleet (fleet-model.ts), within the plan: the operator decides,
// controllers take steps, pods come and go, users deploy and scale.

import fc from "fast-check";
import type { Fleet, Service } from "./fleet-model.ts";

const frequencies = {
  plan: 3,
  control: 6,
  gone: 3,
  deploy: 2,
  scale: 3,
  delete: 2,
  wait: 3,
  limit: 1,
};
type What = keyof typeof frequencies;
const whats = Object.keys(frequencies) as What[];
const what = fc.oneof(
  ...whats.map((one) => ({ arbitrary: fc.constant(one), weight: frequencies[one] })),
);

export interface Event {
  readonly what: What;
  readonly service: number;
  readonly choice: number;
}

/** So many of them, each about one of the first four services. */
export const steps: fc.Arbitrary<Event[]> = fc.array(
  fc.record({ what, service: fc.nat(3), choice: fc.nat(1000) }),
  { maxLength: 120, size: "max" },
);

type Deed = (fleet: Fleet, service: Service, choice: number) => void;

const deeds: Record<Exclude<What, "plan">, Deed> = {
  control: (fleet, service, choice) => {
    const steps = 1 + (choice % 12);
    for (let step = 0; step < steps; step++) {
      service.control(fleet.handedOut(service, choice + step), fleet.nowMs);
    }
  },
  gone: (_, service, choice) => {
    const ending = service.pods.filter((pod) => pod.terminating);
    const gone = ending[choice % Math.max(1, ending.length)];
    service.pods = service.pods.filter((pod) => pod !== gone);
  },
  deploy: (fleet, service) => {
    if (fleet.mayDeploy(service)) service.revision += 1;
  },
  scale: (fleet, service, choice) => {
    // Without an autoscaler more replicas are beyond the plan, so there it only goes down.
    const most = service.setup.maxReplicas ?? service.replicas;
    const replicas = choice % (most + 1);
    const surplus = service.live.slice(0, Math.max(0, service.live.length - replicas));
    if (surplus.length === 0 || fleet.mayTerminate(service, surplus)) service.scale(replicas);
  },
  delete: (fleet, service, choice) => {
    const pod = service.live[choice % Math.max(1, service.live.length)];
    if (pod && fleet.mayTerminate(service, [pod])) pod.terminating = true;
  },
  wait: (fleet, _, choice) => {
    fleet.nowMs += choice < 500 ? choice * 10 : choice * 1000;
  },
  limit: (fleet, _, choice) => {
    // The next plan sees it: until then the promise is about the old limit.
    if (choice < 200) fleet.maxConnections = 20 + choice * 2;
  },
};

/** One step; `decide` is what the operator does. */
export function happen<Model extends Fleet>(
  fleet: Model,
  { what: deed, service, choice }: Event,
  decide: (fleet: Model) => void,
): void {
  const chosen = fleet.services[service % fleet.services.length];
  if (!chosen) return;
  if (deed === "plan") decide(fleet);
  else deeds[deed](fleet, chosen, choice);
}
