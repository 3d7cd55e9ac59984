// What the owners of the fleet ask of the API server and read from it. Everything is asked again
// until it is answered: they too live through its restarts.
import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient, Request } from "../support/kubelet/api-client.ts";
import type { Pod } from "../support/kubelet/pod.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { NAMESPACE, POLICY } from "./services.ts";
import type { Stage } from "./stage.ts";
import { usersOfRoom } from "./room.ts";

const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;
const EVENTS = `/apis/events.k8s.io/v1/namespaces/${NAMESPACE}/events`;
const POLICIES = `/apis/poolwarden.dev/v1alpha1/namespaces/${NAMESPACE}/poolpolicies`;
const ROOM_WITHIN_MS = 180_000;

type WithApi = Pick<Stage, "api">;

async function ask(api: ApiClient, request: Request): Promise<unknown> {
  const answer = await api.ask(request);
  if (answer === undefined) throw new Error(`${request.path}: the run is over`);
  if (answer.status >= 300) {
    throw new Error(`${request.method} ${request.path}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

async function list(api: ApiClient, path: string): Promise<readonly unknown[]> {
  return readList(await ask(api, { method: "GET", path }), "items");
}

export async function readPods({ api }: WithApi): Promise<readonly Pod[]> {
  return (await list(api, `${CORE}/pods`)) as readonly Pod[];
}

export function readDeployments({ api }: WithApi): Promise<readonly unknown[]> {
  return list(api, `${APPS}/deployments`);
}

export function readPolicy({ api }: WithApi): Promise<unknown> {
  return ask(api, { method: "GET", path: `${POLICIES}/${POLICY}` });
}

/** Version of every object that anybody could have written to: equal means that nobody has. */
export async function readVersions({ api }: WithApi): Promise<ReadonlyMap<string, string>> {
  const paths = [`${CORE}/pods`, `${APPS}/deployments`, `${APPS}/replicasets`, EVENTS, POLICIES];
  const objects = await Promise.all(paths.map((path) => list(api, path)));
  return new Map(
    objects.flat().map((object) => {
      const metadata = (field: string): string => String(read(object, "metadata", field));
      return [`${metadata("name")} ${metadata("uid")}`, metadata("resourceVersion")];
    }),
  );
}

export async function patchDeployment({ api }: WithApi, name: string, body: object): Promise<void> {
  await ask(api, { method: "PATCH", path: `${APPS}/deployments/${name}`, body });
}

/** Environment entries of the template, which makes a new version of the service. */
export function patchEnvironment(
  stage: WithApi,
  name: string,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  const env = Object.entries(entries).map(([entry, value]) => ({ name: entry, value }));
  const containers = [{ name: "app", env }];
  return patchDeployment(stage, name, { spec: { template: { spec: { containers } } } });
}

/** Deletes so many pods of a service that are not on their way out yet. */
export async function deletePods(stage: WithApi, service: string, count: number): Promise<void> {
  const pods = (await readPods(stage)).filter(
    ({ metadata }) =>
      metadata.labels?.["app"] === service && metadata.deletionTimestamp === undefined,
  );
  for (const { metadata } of pods.slice(0, count)) {
    await stage.api.ask({ method: "DELETE", path: `${CORE}/pods/${metadata.name}` });
  }
}

/** Resolves when somebody may replace pods, as a deploy pipeline would find out. */
export async function waitForRoom(stage: WithApi): Promise<void> {
  const deadline = Date.now() + ROOM_WITHIN_MS;
  for (;;) {
    const users = usersOfRoom(await readDeployments(stage), await readPods(stage));
    if (users.length === 0) return;
    if (Date.now() > deadline) throw new Error(`the room is not free: ${users.join("; ")}`);
    await delay(100);
  }
}
