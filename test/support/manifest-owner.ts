// Those who write the same workloads as we do, each by the requests that it really sends: the
// manifest that it holds is applied again and again, and compared in its own way with what the API
// server has. kubectl can send all of them: they differ in who computes the patch and in whether a
// conflict is overruled. The manager's name is no more than a name.
import { setTimeout as delay } from "node:timers/promises";
import { runKubectl } from "./control-plane/kubectl.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import type { KubernetesObject } from "./kubernetes-rest.ts";

export type ManifestOwner = {
  /** For names of objects. */
  readonly name: string;
  /** Who writes like this. */
  readonly tools: string;
  /** What stands in metadata.managedFields. */
  readonly manager: string;
  /** Of `kubectl apply`, and of `kubectl diff`: so the diff is the one of this owner. */
  readonly flags: readonly string[];
};

/** A three-way merge with what was applied last, computed by the client. */
export const clientSide: ManifestOwner = {
  name: "client-side",
  tools: "kubectl apply, Argo CD by default, Helm 3",
  manager: "argocd-controller",
  flags: [],
};

/** A conflict ends it. */
export const serverSide: ManifestOwner = {
  name: "server-side",
  tools: "kubectl apply --server-side, Helm 4",
  manager: "helm",
  flags: ["--server-side"],
};

/** A conflict is overruled; the same as a dry run is the tool's diff. */
export const serverSideByForce: ManifestOwner = {
  name: "by-force",
  tools: "Flux, Argo CD with ServerSideApply=true",
  manager: "kustomize-controller",
  flags: ["--server-side", "--force-conflicts"],
};

export const manifestOwners: readonly ManifestOwner[] = [clientSide, serverSide, serverSideByForce];

/** For some seconds: a rollout changes the status all the while. */
const DIFF_LOOKS = 20;
const LOOK_PAUSE_MS = 250;

export type OwnerAnswer = { readonly code: number; readonly says: string };

/** Applies the manifest as this owner does; a refusal is a value. */
export function applyAs(
  target: KubectlTarget,
  owner: ManifestOwner,
  manifest: KubernetesObject,
): Promise<OwnerAnswer> {
  return say(target, ["apply", ...flagsOf(owner)], manifest);
}

/**
 * What this owner sees as drift: code 0 and nothing, or code 1 and the lines. The two states that
 * are compared are not of one moment, so what is gone at a later look was none: what somebody else
 * wrote stays until this owner applies again.
 */
export async function diffAs(
  target: KubectlTarget,
  owner: ManifestOwner,
  manifest: KubernetesObject,
): Promise<OwnerAnswer> {
  const look = (): Promise<OwnerAnswer> => say(target, ["diff", ...flagsOf(owner)], manifest);
  let answer = await look();
  for (let more = 1; more < DIFF_LOOKS && answer.code === 1; more++) {
    await delay(LOOK_PAUSE_MS);
    answer = await look();
  }
  return answer;
}

function flagsOf({ manager, flags }: ManifestOwner): readonly string[] {
  return [`--field-manager=${manager}`, ...flags];
}

async function say(
  target: KubectlTarget,
  words: readonly string[],
  manifest: KubernetesObject,
): Promise<OwnerAnswer> {
  const stdin = JSON.stringify(manifest);
  const { code, stdout, stderr } = await runKubectl(target, [...words, "-f", "-"], { stdin });
  return { code, says: stderr + (words[0] === "diff" ? stdout : "") };
}

export type Insisting = {
  /** Ends it; gives how often all went well, and what was said where not. */
  stop(): Promise<{ readonly syncs: number; readonly problems: readonly string[] }>;
};

/** Compares and applies every second, as a GitOps tool that is asked to hurry. */
export function insist(
  target: KubectlTarget,
  owner: ManifestOwner,
  manifest: KubernetesObject,
): Insisting {
  const ending = new AbortController();
  const problems: string[] = [];
  const running = (async () => {
    let syncs = 0;
    // Twice at least, however fast the other one is.
    while (!ending.signal.aborted || syncs < 2) {
      for (const act of [diffAs, applyAs]) {
        const { code, says } = await act(target, owner, manifest);
        if (code !== 0) problems.push(`${act.name}: ${says}`);
      }
      syncs += 1;
      await delay(1_000);
    }
    return { syncs, problems };
  })();
  return {
    stop: () => {
      ending.abort();
      return running;
    },
  };
}
