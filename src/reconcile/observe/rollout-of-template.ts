// An Argo Rollout may take the template of a Deployment (workloadRef) and run the pods itself: then
// the Deployment stands at 0, and what it says of its pods is true and of no use. We do not read
// Rollouts: they are seen by their pods, which have the Deployment's name or the labels and
// containers of its template; by an autoscaler; and by who has scaled the Deployment down.

import { kindAndName, readWorkloadKey, workloadKeyOf } from "../../api/keys.ts";
import { slotsPerPod } from "../../domain/demand/slots.ts";
import type { Finding, PoolFacts } from "../../domain/facts/facts.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { ObservedPod, PickedWorkload } from "../../observed.ts";
import { byRolloutLabel, byWorkload, type Caches, labelKey } from "../caches.ts";
import type { Autoscaling } from "./autoscaling.ts";

export interface KnownAround {
  readonly caches: Pick<Caches, "pods">;
  readonly autoscaling: Autoscaling;
  /** Some entry picks pods of these labels. */
  readonly isPicked: (pod: Pick<ObservedPod, "labels">) => boolean;
}

export interface Scaled {
  readonly workload: PickedWorkload;
  readonly facts: PoolFacts;
}

interface RolloutPods {
  /** Keys of the Rollouts. */
  readonly rollouts: readonly string[];
  readonly running: readonly ObservedPod[];
  /** By their autoscalers; 0 without one. */
  readonly most: number;
}

export function templateOfRollout(
  known: KnownAround,
  { workload, facts }: Scaled,
): Finding | undefined {
  const { kind, replicas } = workload;
  if (kind !== "Deployment") return undefined;
  const found = rolloutPods(known, workload);
  if (!found) return undefined;
  // It may run pods beside those of the Rollout: scaleDown is never, or progressively.
  const isBeside = replicas > 0;
  if (!areCountedNowhere(found, workload, known)) return undefined;
  const fix = isBeside ? "" : ", and take this workload out of the policy";
  const message =
    `has ${sayCount(replicas, "replica")}: ${sayRollout(found, facts)}. ` +
    `To fix: pick the pods of the Rollout with an entry of pods.matchLabels and maxPods${fix}`;
  const holdsSlots = !isBeside && found.running.length + found.most > 0;
  return { reason: "TemplateOfRollout", severity: holdsSlots ? "blocking" : "degraded", message };
}

/** Undefined where there is none: of nearly every Deployment. */
function rolloutPods(
  { caches, autoscaling }: KnownAround,
  workload: PickedWorkload,
): RolloutPods | undefined {
  const { namespace, name, replicas } = workload;
  const ofItsName = workloadKeyOf({ namespace, kind: "Rollout", name });
  if (replicas > 0 && caches.pods.countOf(byWorkload, ofItsName) === 0) return undefined;
  const rollouts = [...new Set([ofItsName, ...rolloutsLike(workload, caches)])];
  const running = rollouts.flatMap((key) =>
    caches.pods.byIndex(byWorkload, key).filter(({ finished }) => !finished),
  );
  const most = rollouts.reduce((sum, key) => sum + (autoscaling.mostOf(key) ?? 0), 0);
  const seen = new Set(running.map((pod) => pod.workload));
  const isSeen = (key: string): boolean => seen.has(key) || autoscaling.mostOf(key) !== undefined;
  return { rollouts: rollouts.filter(isSeen), running, most };
}

/** Keys of Rollouts of other names whose pods are of the template of a Deployment at 0. */
function rolloutsLike(
  { namespace, podLabels = {}, containers }: PickedWorkload,
  { pods }: Pick<Caches, "pods">,
): readonly string[] {
  const labels = Object.entries(podLabels);
  const keys = labels.map((label) => labelKey(namespace, label));
  const [rarest] = keys
    .map((key) => ({ key, count: pods.countOf(byRolloutLabel, key) }))
    .sort((a, b) => a.count - b.count);
  if (!rarest || rarest.count === 0) return [];
  return pods.byIndex(byRolloutLabel, rarest.key).flatMap((pod) => {
    const isAlike = labels.every(([key, value]) => pod.labels?.[key] === value);
    const names = new Set(pod.containers.map((one) => one.name));
    return isAlike && containers.every((one) => names.has(one.name)) ? (pod.workload ?? []) : [];
  });
}

function areCountedNowhere(
  { running, most }: RolloutPods,
  { replicas, podLabels, isScaledByRollouts }: PickedWorkload,
  { isPicked }: Pick<KnownAround, "isPicked">,
): boolean {
  if (running.length > 0) return !running.every(isPicked);
  // Pods that may come would have these labels.
  const mayRun = replicas === 0 && (most > 0 || isScaledByRollouts === true);
  return mayRun && !isPicked({ labels: podLabels ?? {} });
}

function sayRollout(
  { rollouts, running, most }: RolloutPods,
  { sizing, template }: PoolFacts,
): string {
  if (rollouts.length === 0)
    return "the controller of Argo Rollouts has scaled it down, so a Rollout takes its template, of which no pod runs now";
  const slots = Math.max(running.length, most) * slotsPerPod(sizing, template.poolSize);
  const upTo = most > 0 ? `, up to ${most} by its autoscaler,` : "";
  const whose = nameFew(rollouts, (key) => kindAndName(readWorkloadKey(key)));
  const what = `${whose} runs ${sayCount(running.length, "pod")}${upTo} from its template`;
  return `${what}, which may hold ${sayCount(slots, "slot")}`;
}
