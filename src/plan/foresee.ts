// From objects to an answer: the what-ifs are made, missing logins and limits filled in, and the
// operator is driven on what results. With what-ifs it is driven twice, so that the difference can
// be shown.

import { againstCluster } from "./against-cluster.ts";
import { type Answer, withSizesBefore } from "./answer.ts";
import { decideOn } from "./decide.ts";
import {
  answerOn,
  driven,
  type Foreseen,
  type Given,
  type Problems,
  type Surroundings,
} from "./drive.ts";
import { withGivenLimits } from "./given-limits.ts";
import { dataIn } from "./manifest-cluster.ts";
import { storesOf } from "./manifest-stores.ts";
import type { Objects } from "./objects.ts";
import type { PlanRequest } from "./plan-arguments.ts";
import { loginProblems, withMissingSecrets } from "./secrets.ts";
import { applyWhatIfs, type WhatIf } from "./what-if.ts";

/** Closes what it opens. */
export async function foresee(
  objects: Objects,
  request: PlanRequest,
  surroundings: Surroundings,
): Promise<Answer | Problems> {
  const database = request.reads ? surroundings.openDatabase() : undefined;
  const given = { objects, request, surroundings, database };
  try {
    return request.cluster ? await overFleet(given, request.cluster) : await ofManifests(given);
  } finally {
    await database?.close();
  }
}

async function overFleet(
  given: Given,
  { kubeconfig }: NonNullable<PlanRequest["cluster"]>,
): Promise<Answer | Problems> {
  const fleet = await given.surroundings.openFleet(kubeconfig);
  try {
    return await againstCluster(given, fleet);
  } finally {
    await fleet.close();
  }
}

async function ofManifests(given: Given): Promise<Answer | Problems> {
  const { whatIfs } = given.request;
  const foreseen = await decided(given, whatIfs);
  if ("problems" in foreseen) return foreseen;
  const answer = answerOn(given, foreseen);
  if ("problems" in answer || whatIfs.length === 0) return answer;
  const before = await decided(given, []);
  if ("problems" in before) return before;
  const answerBefore = answerOn(given, before);
  if ("problems" in answerBefore) return answerBefore;
  return withSizesBefore(
    answer,
    answerBefore.servers.flatMap(({ pools }) => pools),
  );
}

async function decided(given: Given, whatIfs: readonly WhatIf[]): Promise<Foreseen | Problems> {
  const { objects, request, surroundings } = given;
  const { limits } = request;
  const stores = storesOf(objects.objects);
  const replaced = withGivenLimits(stores, limits);
  const outcomes = applyWhatIfs(stores, whatIfs);
  const problems = outcomes.flatMap((one) => ("problem" in one ? [one.problem] : []));
  if (problems.length > 0) return { problems };
  const secrets = withMissingSecrets(stores, dataIn(objects.objects), surroundings.uri);
  const refused = loginProblems(secrets, request);
  if (refused.length > 0) return { problems: refused };
  const notes = outcomes.flatMap((one) => ("note" in one ? [one.note] : []));
  const drive = { stores, secrets, limits, decide: decideOn };
  return { stores, secrets, replaced, notes, ...(await driven(given, drive)) };
}
