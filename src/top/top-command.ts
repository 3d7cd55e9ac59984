// `poolwarden top` with its parts: the API server of the kubeconfig, and the terminal that it was
// called from.

import {
  checkKubeconfig,
  createCredentialSource,
  unansweredWayOut,
} from "../adapters/kubernetes/credentials.ts";
import { createClient } from "../adapters/kubernetes/client.ts";
import { createConnection } from "../adapters/kubernetes/connection.ts";
import { createProjections } from "../adapters/kubernetes/project.ts";
import { createSources } from "../adapters/kubernetes/sources.ts";
import { type ErrorCode, OperatorError } from "../errors.ts";
import type { Clock, Random } from "../ports.ts";
import { runTop } from "./run-top.ts";
import { createTerminal } from "./terminal.ts";
import { readTopArguments, type TopRequest } from "./top-arguments.ts";
import { topUsage } from "./top-usage.ts";

export interface TopSurroundings {
  readonly process: Pick<NodeJS.Process, "stdin" | "stdout">;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
}

/** Throws CONFIG_INVALID, and what the API server's first answer throws. */
export async function topCommand(
  args: readonly string[],
  surroundings: TopSurroundings,
): Promise<void> {
  const request = readTopArguments(args);
  if (request) await show(request, surroundings);
  else surroundings.process.stdout.write(topUsage);
}

async function show(
  { kubeconfig, namespace, state }: TopRequest,
  { process, clock, random, version }: TopSurroundings,
): Promise<void> {
  await checkKubeconfig({ kubeconfig });
  const connection = createConnection(createCredentialSource({ kubeconfig }), clock);
  const client = createClient({ connection, clock, version });
  const sources = createSources({ client, projections: createProjections(), random, clock });
  const policies = sources.policies(namespace);
  try {
    await runTop({ policies, namespace, terminal: createTerminal(process), clock, state });
  } catch (error) {
    throw withWayOut(error, { kubeconfig, namespace });
  } finally {
    await connection.close();
  }
}

type Asked = Pick<TopRequest, "kubeconfig" | "namespace">;

/** What the API server refuses, with what to do about it. */
function withWayOut(error: unknown, request: Asked): unknown {
  if (!(error instanceof OperatorError)) return error;
  const wayOut = wayOutOf(error.code, request);
  const { code, retry, message } = error;
  return new OperatorError(code, `${message}${wayOut}`, { retry, cause: error });
}

function wayOutOf(code: ErrorCode, { kubeconfig, namespace }: Asked): string {
  if (code === "K8S_UNAVAILABLE") return unansweredWayOut(kubeconfig);
  if (code === "K8S_NOT_FOUND") return ": install the CRD, kubectl apply --server-side -f crds/";
  if (code !== "K8S_FORBIDDEN" || namespace !== undefined) return "";
  return ": name a namespace whose policies you may list, --namespace NAME";
}
