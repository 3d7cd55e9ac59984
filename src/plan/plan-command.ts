// `poolwarden plan`: manifests in, the operator's own decision out. It ends with a text and a
// status for a gate, and never with a stack trace for what somebody gave it.

import { documentsOf, valuesLeft, yamlOf } from "../adapters/manifests/documents.ts";
import { type ByteSource, readInputs } from "../adapters/manifests/read-inputs.ts";
import { kind as policyKind } from "../api/group.ts";
import { plain, withTexts } from "../domain/words/plain.ts";
import { sayCount } from "../domain/words/say-count.ts";
import type { Answer } from "./answer.ts";
import { markdownOf } from "./answer-markdown.ts";
import { textOf } from "./answer-text.ts";
import { newPolicyProblem, policyProblem } from "./check-policy.ts";
import type { Surroundings } from "./drive.ts";
import { foresee } from "./foresee.ts";
import { type Objects, objectsIn } from "./objects.ts";
import { readPlanArguments } from "./plan-arguments.ts";
import { type OutputForm, planUsage } from "./plan-usage.ts";
import { startingPolicy } from "./starting-policy.ts";

export interface PlanSurroundings extends Surroundings {
  readonly stdin: ByteSource;
}

export interface PlanOutcome {
  readonly code: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** Throws CONFIG_INVALID for arguments that cannot be used. */
export async function runPlan(
  args: readonly string[],
  surroundings: PlanSurroundings,
): Promise<PlanOutcome> {
  const request = readPlanArguments(args);
  if (!request) return { code: 0, stdout: planUsage, stderr: "" };
  const inputs = await readInputs(request.inputs, surroundings.stdin);
  const unreadable = inputs.flatMap((one) => ("problem" in one ? [one.problem] : []));
  const left = valuesLeft();
  const documents = inputs.flatMap((one) => ("text" in one ? documentsOf(one, left) : []));
  const objects = objectsIn(documents, request.namespace);
  const read = [...unreadable, ...objects.problems];
  const mayBeNone = request.cluster !== undefined || read.length > 0;
  const problems = [
    ...read,
    ...policyProblems(objects, !mayBeNone),
    ...(request.cluster ? [] : policiesIn(objects).flatMap((one) => newPolicyProblem(one) ?? [])),
  ];
  if (problems.length > 0)
    return refused(problems, hasNoPolicy(objects) && read.length === 0 ? objects : undefined);
  const answer = await foresee(objects, request, surroundings);
  if ("problems" in answer) return refused(answer.problems);
  return { code: answer.exitStatus, stdout: printed(answer, request.output), stderr: "" };
}

/** None at all is a question that nobody asked, where all that was given could be read. */
function policyProblems(given: Objects, mustBeSome: boolean): readonly string[] {
  const { objects } = given;
  if (!hasNoPolicy(given) || !mustBeSome)
    return policiesIn(given).flatMap((policy) => policyProblem(policy) ?? []);
  const found =
    objects.length === 0
      ? "nothing that a plan is about"
      : sayCount(objects.length, "other object");
  return [`no PoolPolicy among the manifests, ${found}: add the file with the policy`];
}

function hasNoPolicy(given: Objects): boolean {
  return policiesIn(given).length === 0;
}

function policiesIn({ objects }: Objects): Objects["objects"] {
  return objects.filter(({ kind }) => kind === policyKind);
}

const problemsTold = 20;

/** `without`: manifests that only need a policy. */
function refused(problems: readonly string[], without?: Objects): PlanOutcome {
  const policy = without && startingPolicy(without.objects);
  const more = problems.length - problemsTold;
  const told = problems
    .slice(0, problemsTold)
    .map((problem) => `poolwarden plan: ${plain(problem)}\n`);
  if (more > 0) told.push(`poolwarden plan: and ${more} more\n`);
  if (policy !== undefined) told.push(`\nOne to begin with:\n\n${policy}`);
  return { code: 2, stdout: "", stderr: told.join("") };
}

function printed(answer: Answer, form: OutputForm): string {
  if (form === "text") return textOf(withTexts(toldOf(answer), plain));
  if (form === "markdown") return markdownOf(withTexts(toldOf(answer), plain));
  return form === "json" ? `${jsonOf(answer)}\n` : yamlOf(answer);
}

/** Of what the operator would publish people are told the findings alone. */
function toldOf(answer: Answer): Answer {
  const policies = answer.policies.map(({ status: { findings = [] }, ...policy }) => {
    return { ...policy, status: { findings } };
  });
  return { ...answer, policies };
}

/** Whoever looks at it on a terminal is not steered: JSON has a form for these characters too. */
function jsonOf(answer: Answer): string {
  return JSON.stringify(answer, undefined, 2).replaceAll(
    /[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu,
    (sign) => sign.split("").map(escapeOf).join(""),
  );
}

function escapeOf(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
