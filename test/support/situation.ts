// Manifests as people have them, in the memory world: each goes through the projection of the API
// server's objects, so that what is kept of them is tried as well.
import { expect } from "vitest";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { rawWorkload } from "../unit/adapters/kubernetes/raw-objects.ts";
import { MemoryWorld, minuteMs } from "./memory-world/world.ts";

const { Deployment: deployment } = createProjections();

export interface Situation {
  readonly name: string;
  /** Of the policy's one workload. */
  readonly entry?: object;
  /** Of further pools of it. */
  readonly further?: readonly object[];
  readonly delivery?: string;
  readonly replicas?: number;
  readonly maxConnections?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly podSpec: object;
  /** Of the secret web. */
  readonly data?: Readonly<Record<string, string>>;
}

export interface Want {
  /** Reason of a finding, and what its message must say. */
  readonly finding?: readonly [reason: string, ...says: string[]];
  readonly withoutFinding?: string;
  readonly grant?: number | undefined;
  readonly container?: string;
  readonly heldSlots?: number;
  readonly rolls?: number;
  readonly ready?: "True" | "False";
}

/** Ten minutes of it. */
export async function play(situation: Situation): Promise<MemoryWorld> {
  const { entry = {}, further = [], maxConnections = 100 } = situation;
  const world = new MemoryWorld();
  world.read({ maxConnections });
  world.cluster.data.set("Secret/shop/web", situation.data ?? {});
  const { delivery = "Auto" } = situation;
  const workloads = [entry, ...further].map((one) => ({ name: "web", ...one }));
  world.policy("orders", { delivery, workloads });
  await deploy(world, situation);
  return world;
}

/** What its owner deploys, and ten minutes of it. */
export async function deploy(world: MemoryWorld, situation: Situation): Promise<void> {
  const { replicas = 3, maxConnections = 100, annotations, podSpec } = situation;
  const template = { metadata: { annotations }, spec: podSpec };
  const projected = deployment(rawWorkload({ template }));
  const { containers = [], defaultContainer } = projected ?? {};
  world.deployment("web", { containers, defaultContainer, replicas });
  for (let minute = 0; minute < 10; minute += 1) {
    await world.pass(minuteMs);
    world.read({ maxConnections });
  }
}

export function findingsOf(status: PoolPolicyStatus, reason: string): string[] {
  return (status.findings ?? []).flatMap((one) => (one.reason === reason ? one.message : []));
}

export async function expectOf(situation: Situation, want: Want): Promise<void> {
  const world = await play(situation);
  const status = world.status("orders");
  expectFindings(status, want);
  const seen: Required<Omit<Want, "finding" | "withoutFinding">> = {
    grant: world.grant("orders", "web"),
    container: status.grants?.["Deployment/web"]?.container ?? "",
    heldSlots: status.workloads?.[0]?.heldSlots ?? 0,
    rolls: world.rolls.length,
    ready: readyOf(status),
  };
  for (const [what, value] of Object.entries(seen)) {
    if (what in want) expect([what, value]).toEqual([what, want[what as keyof typeof seen]]);
  }
}

function readyOf({ conditions = [] }: PoolPolicyStatus): "True" | "False" {
  return conditions.some(({ type, status }) => type === "Ready" && status === "True")
    ? "True"
    : "False";
}

function expectFindings(status: PoolPolicyStatus, want: Want): void {
  const { finding: [reason, ...says] = [undefined] } = want;
  const [finding] = reason === undefined ? [] : findingsOf(status, reason);
  for (const text of says) expect(finding).toContain(text);
  if (reason !== undefined) expect(status.findings?.map((one) => one.reason)).toContain(reason);
  if (want.withoutFinding !== undefined) {
    expect(findingsOf(status, want.withoutFinding)).toEqual([]);
  }
}

export const app = (more: object): object => ({ containers: [{ name: "app", ...more }] });
export const env = (...entries: readonly (readonly [string, string])[]): object =>
  app({ env: entries.map(([name, value]) => ({ name, value })) });
export const hikari = { preset: "hikari" };
export const hikariProperty = "spring.datasource.hikari.maximum-pool-size";
export const url = "postgresql://app:x@db:5432/app";
