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
  prepared,
  type Problems,
  type Surroundings,
} from "./drive.ts";
import { withGivenLimits } from "./given-limits.ts";
import { raiseToLeast } from "./least-replicas.ts";
import { dataIn } from "./manifest-cluster.ts";
import { storesOf } from "./manifest-stores.ts";
import type { Objects } from "./objects.ts";
import type { PlanRequest } from "./plan-arguments.ts";

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
  const answer = await answered(given);
  if ("problems" in answer || given.request.whatIfs.length === 0) return answer;
  const before = await answered({ ...given, request: { ...given.request, whatIfs: [] } });
  if ("problems" in before) return before;
  return withSizesBefore(
    answer,
    before.servers.flatMap(({ pools }) => pools),
  );
}

async function answered(given: Given): Promise<Answer | Problems> {
  const foreseen = await decided(given);
  return "problems" in foreseen ? foreseen : answerOn(given, foreseen);
}

async function decided(given: Given): Promise<Foreseen | Problems> {
  const { objects, request } = given;
  const stores = storesOf(objects.objects);
  for (const one of objects.objects) raiseToLeast(stores, one);
  const replaced = withGivenLimits(stores, request.limits);
  const ready = prepared(given, { stores, data: dataIn(objects.objects) });
  if ("problems" in ready) return ready;
  const { data } = ready.secrets;
  const drive = { stores, data, limits: request.limits, decide: decideOn };
  return { stores, replaced, ...ready, ...(await driven(given, drive)) };
}
