// From objects to an answer: the what-ifs are made, missing logins and limits filled in, and the
// operator is driven on what results. With what-ifs it is driven twice, so that the difference can
// be shown.

import { type HostPattern, parseHostPattern } from "../domain/supply/allowed-hosts.ts";
import { withTexts } from "../domain/words/plain.ts";
import type { Database } from "../ports.ts";
import { type Answer, answerOf, withSizesBefore } from "./answer.ts";
import { type Asked, recorded } from "./asked.ts";
import { type Decided, decideOn, PlanClock } from "./decide.ts";
import { createDeclaredDatabase } from "./declared-database.ts";
import {
  limitSource,
  namingFlag,
  partlyUseless,
  type Replaced,
  withGivenLimits,
} from "./given-limits.ts";
import { dataIn, ManifestCluster, type MissingData } from "./manifest-cluster.ts";
import { type ManifestStores, storesOf } from "./manifest-stores.ts";
import { notesOf } from "./notes.ts";
import type { Objects } from "./objects.ts";
import type { PlanRequest } from "./plan-arguments.ts";
import { createLimitsReader } from "./read-limits.ts";
import { type FilledSecrets, loginProblems, withMissingSecrets } from "./secrets.ts";
import { uselessLimits } from "./useless-limits.ts";
import { applyWhatIfs, type WhatIf } from "./what-if.ts";

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
  readonly asked: Asked;
  readonly missing: readonly MissingData[];
  readonly replaced: Replaced;
  /** Of the what-ifs. */
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
    if ("problems" in answer || request.whatIfs.length === 0) return answer;
    const before = await decided(given, []);
    if ("problems" in before) return before;
    const answerBefore = answerOn(given, before);
    return "problems" in answerBefore ? answerBefore : withSizesBefore(answer, answerBefore);
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

async function decided(given: Given, whatIfs: readonly WhatIf[]): Promise<Foreseen | Problems> {
  const { objects, request, surroundings } = given;
  const stores = storesOf(objects.objects);
  const replaced = withGivenLimits(stores, request.limits);
  const outcomes = applyWhatIfs(stores, whatIfs);
  const problems = outcomes.flatMap((one) => ("problem" in one ? [one.problem] : []));
  if (problems.length > 0) return { problems };
  const secrets = withMissingSecrets(stores, dataIn(objects.objects), surroundings.uri);
  const refused = loginProblems(secrets, request);
  if (refused.length > 0) return { problems: refused };
  const notes = outcomes.flatMap((one) => ("note" in one ? [one.note] : []));
  return { stores, secrets, replaced, notes, ...(await driven(given, stores, secrets)) };
}

async function driven(
  { request, surroundings, database }: Given,
  stores: ManifestStores,
  { data }: FilledSecrets,
): Promise<Pick<Foreseen, "decided" | "asked" | "missing">> {
  const { limits, namespaceQuotas } = request;
  const clock = new PlanClock(surroundings.nowMs);
  const cluster = new ManifestCluster(stores, data);
  let asked: Asked = { engines: new Map(), roles: new Set(), answered: new Set() };
  const decision = await decideOn({
    ...{ stores, clock, namespaceQuotas, cluster, allowedDatabaseHosts: ownMachine },
    databaseFor: (specsOn) => {
      const recording = recorded(
        database
          ? createLimitsReader(database, { clock, limits })
          : createDeclaredDatabase({ limits, clock, specsOn }),
      );
      asked = recording.asked;
      return recording.database;
    },
  });
  return { decided: decision, asked, missing: cluster.missing };
}

/** Whoever plans reads from his own machine. */
const ownMachine: readonly HostPattern[] = ["*", "localhost", "127.0.0.0/8", "::1"].flatMap(
  (text) => {
    const pattern = parseHostPattern(text);
    return "kind" in pattern ? [] : [pattern];
  },
);

function answerOn({ objects, request }: Given, foreseen: Foreseen): Answer | Problems {
  const { stores, decided: decision, asked, replaced, notes } = foreseen;
  const { limits, namespace: usualNamespace } = request;
  const noted = { objects, usualNamespace, ...foreseen };
  const useless = uselessLimits(limits, { servers: [...decision.plans.keys()], asked });
  const partly = asked.engines.size > 0 ? partlyUseless(limits, replaced.unread) : [];
  const answer = answerOf({
    ...{ objects, stores, decided: decision },
    limitFrom: (server) => limitSource(server, request, asked),
    notes: [...useless, ...partly, ...notes, ...notesOf(noted)],
  });
  // What keeps a policy from an answer may be why a limit met nothing.
  if (useless.length > 0 && answer.exitStatus !== 2) return { problems: useless };
  return withTexts(answer, (text) => namingFlag(namingOperator(text), replaced));
}

/** Plan has no such flag. */
function namingOperator(text: string): string {
  return text.replaceAll("not in --allowed", "not in the operator's --allowed");
}
