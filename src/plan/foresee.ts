// From objects to an answer: the what-ifs are made, missing logins and limits filled in, and the
// operator is driven on what results. With what-ifs it is driven twice, so that the difference can
// be shown.

import type { HostPattern } from "../domain/supply/allowed-hosts.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import type { Database } from "../ports.ts";
import { type Answer, answerOf, withSizesBefore } from "./answer.ts";
import { type Decided, decideOn, PlanClock } from "./decide.ts";
import { createDeclaredDatabase } from "./declared-database.ts";
import { limitSource, withGivenLimits } from "./given-limits.ts";
import { dataIn, ManifestCluster } from "./manifest-cluster.ts";
import { type ManifestStores, storesOf } from "./manifest-stores.ts";
import type { Objects } from "./objects.ts";
import type { PlanRequest } from "./plan-arguments.ts";
import { createLimitsReader } from "./read-limits.ts";
import { type FilledSecrets, withMissingSecrets } from "./secrets.ts";
import { applyWhatIf, type WhatIf } from "./what-if.ts";

export interface Surroundings {
  /** Since the epoch. */
  readonly nowMs: number;
  /** For policies whose Secret is not among the manifests. */
  readonly uri: string | undefined;
  /** The real servers, for `--read`. */
  readonly openDatabase: () => Database;
}

interface Foreseen {
  readonly stores: ManifestStores;
  readonly secrets: FilledSecrets;
  readonly decided: Decided;
  readonly notes: readonly string[];
}

type Problems = { readonly problems: readonly string[] };

/** Closes the database that it opens. */
export async function foresee(
  objects: Objects,
  request: PlanRequest,
  surroundings: Surroundings,
): Promise<Answer | Problems> {
  const database = request.reads ? surroundings.openDatabase() : undefined;
  try {
    const given = { objects, request, surroundings, database };
    const foreseen = await decided(given, request.whatIfs);
    if ("problems" in foreseen) return foreseen;
    const answer = answerOn(given, foreseen);
    if (request.whatIfs.length === 0) return answer;
    const before = await decided(given, []);
    return "problems" in before ? before : withSizesBefore(answer, answerOn(given, before));
  } finally {
    await database?.close();
  }
}

interface Given {
  readonly objects: Objects;
  readonly request: PlanRequest;
  readonly surroundings: Surroundings;
  /** Undefined: what is declared counts. */
  readonly database: Database | undefined;
}

async function decided(
  { objects, request, surroundings, database }: Given,
  whatIfs: readonly WhatIf[],
): Promise<Foreseen | Problems> {
  const { limits, namespaceQuotas } = request;
  const stores = storesOf(objects.objects);
  const limitNotes = withGivenLimits(stores, limits);
  const outcomes = whatIfs.map((one) => applyWhatIf(stores, one));
  const problems = outcomes.flatMap((one) => ("problem" in one ? [one.problem] : []));
  if (problems.length > 0) return { problems };
  const secrets = withMissingSecrets(stores, dataIn(objects.objects), surroundings.uri);
  const clock = new PlanClock(surroundings.nowMs);
  const decision = await decideOn({
    ...{ stores, clock, namespaceQuotas },
    cluster: new ManifestCluster(stores, secrets.data),
    allowedDatabaseHosts: database ? ownMachine : [],
    databaseFor: (specsOn) =>
      database
        ? createLimitsReader(database, { clock, limits })
        : createDeclaredDatabase({ limits, clock, specsOn }),
  });
  const notes = outcomes.flatMap((one) => ("note" in one ? [one.note] : []));
  return { stores, secrets, decided: decision, notes: [...limitNotes, ...notes] };
}

/** Whoever plans reads from his own machine. */
const ownMachine: readonly HostPattern[] = [
  { text: "*", port: undefined, host: { kind: "any" } },
  { text: "localhost", port: undefined, host: { kind: "name", name: "localhost" } },
  ...["127.0.0.0", "::1"].map((text) => loopback(text)),
];

function loopback(text: string): HostPattern {
  const isFour = text.includes(".");
  const range = isFour
    ? { bits: 32, value: 127n << 24n, prefix: 8 }
    : { bits: 128, value: 1n, prefix: 128 };
  return { text, port: undefined, host: { kind: "range", range } };
}

function answerOn({ objects, request }: Given, foreseen: Foreseen): Answer {
  const { stores, decided: decision, secrets, notes } = foreseen;
  return answerOf({
    ...{ objects, stores, decided: decision },
    limitFrom: (server: ServerKey) => limitSource(server, request),
    notes: [...notes, ...notesOf(objects, foreseen, secrets)],
  });
}

function notesOf(
  { repeated }: Objects,
  { decided: { isAtRest, uncountedPods } }: Foreseen,
  { standIns }: FilledSecrets,
): readonly string[] {
  const notes = [...standIns].map(([server, secret]) => {
    return `${server} stands for the server of Secret ${secret}, which is not among the manifests`;
  });
  if (standIns.size > 1) {
    notes.push(
      "servers that are known by a Secret alone are taken for different ones: if they are one, " +
        "add the Secrets, or set POOLWARDEN_DATABASE_URI",
    );
  }
  if (repeated > 0) notes.push(`${repeated} objects stand twice and are the same: counted once`);
  if (uncountedPods > 0) {
    notes.push(
      `${uncountedPods} pods are counted as pods that may still start: there are too many`,
    );
  }
  if (!isAtRest) notes.push("the templates of some workloads were not written yet: too many");
  return notes;
}
