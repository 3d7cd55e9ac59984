// Defects in planning before anything is applied.

import type { Mutant } from "./mutant.ts";

export const planMutants: readonly Mutant[] = [
  {
    name: "the page calls the limit of every server max_connections",
    file: "src/render/fleet-view.ts",
    from: "return engineNamed(said).connectionsSetting;",
    to: "return engineNamed(undefined).connectionsSetting;",
  },
  {
    name: "an operator that finds no API server at its start waits for ever",
    file: "src/adapters/kubernetes/credentials.ts",
    from: "  await loadKubeConfig(choice);\n}",
    to: "}",
  },
  {
    name: "each policy that another installation writes is a warning of its own",
    file: "src/reconcile/report/other-writers.ts",
    from: "if (finding && !notes.has(topic)) {",
    to: "if (finding) {",
  },
  {
    name: "a plan takes a size that the API server refuses for want of quotes",
    file: "src/plan/refusals.ts",
    from: "  return `is ${shown}; Kubernetes takes text only${wayOut}`;",
    to: "  return shown === wayOut ? shown : undefined;",
  },
  {
    name: "in a plan no pods start, so those that keep their own size hold nothing",
    file: "src/plan/decide.ts",
    from: "const beyond = startPods(stores, clock.nowMs(), (one) => !isObserved(one));",
    to: "const beyond = 0;",
  },
  {
    name: "of two manifests of one object the second counts in silence",
    file: "src/plan/objects.ts",
    from: "else if (!isSame(first, object)) problems.push(twice(key, first, object));",
    to: "else known.set(key, object);",
  },
  {
    name: "a field of a policy that does not exist is dropped in silence",
    file: "src/plan/check-policy.ts",
    from: "if (lost.length === 0) return undefined;",
    to: "if (lost.length >= 0) return undefined;",
  },
  {
    name: "a plan that reads a server counts its sessions beside the pods of the manifests",
    file: "src/plan/read-limits.ts",
    from: "const sessions = otherSessionsOf(limits, target.server);",
    to: "const { sessions } = outcome.reading;",
  },
  {
    name: "a plan whose limit is not known passes for one that does not fit",
    file: "src/plan/answer.ts",
    from: "if (!policies.every(({ isAnswered }) => isAnswered)) return 2;",
    to: "",
  },
  {
    name: "a plan gives a workload no pods of its autoscaler of KEDA",
    file: "src/plan/manifest-stores.ts",
    from: "const maxReplicas = maxReplicaCount ?? kedaUsualMaxReplicas;",
    to: "const maxReplicas = maxReplicaCount ?? 0;",
  },
  {
    name: "a plan has rows for names that the API server refuses",
    file: "src/plan/objects.ts",
    from: "const problem = namesRefusal(name, namespace) ?? refusalOf(kind, value);",
    to: "const problem = refusalOf(kind, value);",
  },
  {
    name: "a plan prints the control characters of a manifest",
    file: "src/domain/words/plain.ts",
    from: 'return text.replaceAll(controlCharacters, " ");',
    to: "return text;",
  },
  {
    name: "a limit that no server of a plan meets is ignored",
    file: "src/plan/drive.ts",
    from: "if (useless.length > 0 && answer.exitStatus !== 2) return { problems: useless };",
    to: "",
  },
  {
    name: "a plan against a cluster does not look at what pods hold on the way",
    file: "src/plan/steps.ts",
    from: "if (started.length > 0 && held > Math.max(budget, this.#heldBefore.get(server) ?? 0)) {",
    to: "if (started.length > 1_000) {",
  },
  {
    name: "a plan against a cluster forgets the foreign sessions of now",
    file: "src/plan/live-fleet.ts",
    from: "slots?.foreign ?? 0",
    to: "slots ? 0 : 0",
  },
  {
    name: "a plan against a cluster takes what a manifest leaves out for one replica",
    file: "src/plan/over-live.ts",
    from: 'replicas: replicas === "kept" ? there.replicas : workload.replicas,',
    to: "replicas: workload.replicas,",
  },
  {
    name: "an answer that cannot be written passes for one",
    file: "src/main.ts",
    from: 'if (!error || error.code === "EPIPE") resolve();',
    to: 'if (!error || error.code !== "") resolve();',
  },
  {
    name: "a plan against a cluster keeps what a manifest says no more",
    file: "src/plan/said-before.ts",
    from: "return lastApplied(live) ?? ownedByApply(live) ?? replicasOfHelm(live);",
    to: "return replicasOfHelm(live);",
  },
  {
    name: "a plan against a cluster takes the API server's form of a manifest for a change",
    file: "src/plan/contained.ts",
    from: "if (live === undefined) return isUnstored(given, field);",
    to: "if (live === undefined) return false;",
  },
  {
    name: "a plan against a cluster takes the variable for the server of every policy",
    file: "src/plan/secrets.ts",
    from: 'const given = known?.get(loginId(login)) ?? (said === "" ? undefined : said);',
    to: 'const given = (said === "" ? undefined : said) ?? known?.get(loginId(login));',
  },
  {
    name: "a plan against a cluster counts the data of manifests before they are applied",
    file: "src/plan/against-cluster.ts",
    from: "data: withMissingSecrets(stores, live, { said: surroundings.uri, known }).data,",
    to: "data: ready.secrets.data,",
  },
  {
    name: "an autoscaler alone that does not fit passes a plan against a cluster",
    file: "src/plan/concerning.ts",
    from: "pools.some(isGiven) || accountOf(before.get(server)) !== accountOf(plans.get(server)),",
    to: 'pools.some(isGiven) && server === "",',
  },
  {
    name: "a plan against a cluster forgets the surge of rollouts that are applied at once",
    file: "src/plan/steps.ts",
    from: "const held = heldIn(plan) + (isFirst ? this.#surgeOf(started) : 0);",
    to: "const held = heldIn(plan) + (isFirst ? 0 : this.#surgeOf(started));",
  },
  {
    name: "a plan against a cluster does not see what a server keeps from applications",
    file: "src/plan/declared-database.ts",
    from: "if (published && reservedConnections === 0) return published.withheld;",
    to: "",
  },
  {
    name: "a plan that begins elsewhere than the operator is does not say so",
    file: "src/plan/unlike-published.ts",
    from: "if (!row || row.poolSize === here) return [];",
    to: "if (row) return [];",
  },
  {
    name: "in a plan nothing is evicted, so what the operator brings to rest does not fit",
    file: "src/plan/manifest-cluster.ts",
    from: 'replacePod(this.#stores, key);\n    return answer({ kind: "ok", value: undefined });',
    to: 'return answer({ kind: "guarded", message: key });',
  },
  {
    name: "a plan decides before the pods are there that it does not size",
    file: "src/plan/decide.ts",
    from: 'spec.mode === "Observe"));',
    to: 'spec.mode !== "Observe" && spec.mode !== "Enforce"));',
  },
];
