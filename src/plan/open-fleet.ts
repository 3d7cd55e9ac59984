// The fleet of a kubeconfig, read once for a plan against it.

import { createClient } from "../adapters/kubernetes/client.ts";
import { createCluster } from "../adapters/kubernetes/cluster.ts";
import { createConnection } from "../adapters/kubernetes/connection.ts";
import {
  checkKubeconfig,
  createCredentialSource,
  unansweredWayOut,
} from "../adapters/kubernetes/credentials.ts";
import { type LiveReading, readLiveObjects } from "../adapters/kubernetes/live-objects.ts";
import { createProjections } from "../adapters/kubernetes/project.ts";
import { OperatorError } from "../errors.ts";
import type { Clock, Random } from "../ports.ts";
import { noMetrics } from "./decide.ts";
import { type LiveFleet, liveKinds, liveObject } from "./live-fleet.ts";
import { budgetKind } from "./objects.ts";

export interface FleetParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
}

/** Throws CONFIG_INVALID, and what the API server refuses, with what to do about it. */
export async function openFleet(
  kubeconfig: string | undefined,
  { clock, random, version }: FleetParts,
): Promise<LiveFleet> {
  await checkKubeconfig({ kubeconfig });
  const connection = createConnection(createCredentialSource({ kubeconfig }), clock);
  const close = (): Promise<void> => connection.close();
  const client = createClient({ connection, clock, version });
  const projections = createProjections();
  const cluster = createCluster({
    ...{ client, clock, projections, metrics: noMetrics, instance: "plan" },
  });
  try {
    const objects = await readLiveObjects(liveKinds, { client, clock, random });
    const budgets = await readBudgets({ client, clock, random });
    const readData: LiveFleet["readData"] = (...source) => cluster.readData(...source);
    return { objects: objects.map(liveObject), budgets, readData, close };
  } catch (error) {
    await close();
    throw withWayOut(error, kubeconfig);
  }
}

/** A right that not everybody has; without it there is a plan all the same. */
async function readBudgets(reading: LiveReading): Promise<LiveFleet["budgets"]> {
  try {
    return (await readLiveObjects([budgetKind], reading)).map(liveObject);
  } catch (error) {
    if (error instanceof OperatorError && error.code === "K8S_FORBIDDEN") return undefined;
    throw error;
  }
}

function withWayOut(error: unknown, kubeconfig: string | undefined): unknown {
  if (!(error instanceof OperatorError)) return error;
  const { code, retry, message } = error;
  if (code === "K8S_NOT_FOUND") {
    const way = "Poolwarden is not installed there: leave --against-cluster out";
    return new OperatorError(code, `${message}: ${way}`, { retry, cause: error });
  }
  if (code === "K8S_UNAVAILABLE") {
    const way = unansweredWayOut(kubeconfig);
    return new OperatorError(code, `${message}${way}`, { retry, cause: error });
  }
  if (code !== "K8S_FORBIDDEN") return error;
  const way = `--against-cluster lists ${liveKinds.join(", ")} in all namespaces: ask for these rights`;
  return new OperatorError(code, `${message}: ${way}`, { retry, cause: error });
}
