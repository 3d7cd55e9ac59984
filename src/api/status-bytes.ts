// A status has a size, whatever its single fields allow. etcd takes requests of 1.5 MiB by default,
// for the whole object with its spec and its metadata; a policy may match thousands of workloads,
// each with a row and a grant. What does not fit is refused whole, grants and all. So a status that
// is too large loses what only people read, the least useful first, and says so. What a row
// remembers (how many pods were planned for, by what they are counted, when they were rolled) is
// never cut, nor is a grant: the operator reads them back after a restart.

import type { Reason } from "./conditions.ts";
import type { PoolPolicyStatus, WorkloadRow } from "./poolpolicy-status.ts";

/** Of 1,572,864; the rest is for spec, annotations and managed fields. */
export const statusBytesMax = 1_200_000;

interface Cut {
  /** What is left out by it and by those before. */
  readonly says: string;
  readonly of: (status: PoolPolicyStatus) => PoolPolicyStatus;
}

const findingsKept = 10;
const messageKept = 512;
const ledgerKept = 50;

/** The least useful first. Each goes further than the one before. */
const cuts: readonly Cut[] = [
  {
    says: "the messages of workloads at rest",
    of: withRows((row) => (row.decision === "Unchanged" ? withoutMessage(row) : row)),
  },
  { says: "the messages of workloads at rest, and the use of pools", of: withRows(withoutUse) },
  { says: "the messages of all workloads, and the use of pools", of: withRows(withoutMessage) },
  {
    says: `the messages of all workloads, the use of pools, findings beyond ${findingsKept}, lines of the ledger beyond ${ledgerKept}, and ends of long messages`,
    of: ({ findings = [], ledger = [], conditions = [], ...rest }) => ({
      ...rest,
      findings: findings.slice(0, findingsKept).map(withShortMessage),
      ledger: ledger.slice(0, ledgerKept),
      conditions: conditions.map(withShortMessage),
    }),
  },
];

/** The status within `bytesMax`, as far as that can be had without what is never cut. */
export function shortenStatus(
  status: PoolPolicyStatus,
  bytesMax: number = statusBytesMax,
): PoolPolicyStatus {
  let shortened = status;
  for (const { of, says } of cuts) {
    if (bytesOf(shortened) <= bytesMax) break;
    shortened = of(shortened);
    shortened = { ...shortened, findings: [saying(says), ...unsaid(shortened)] };
  }
  return shortened;
}

export function isTooLarge(status: PoolPolicyStatus, bytesMax: number = statusBytesMax): boolean {
  return bytesOf(status) > bytesMax;
}

const shortenedReason: Reason = "StatusShortened";

/** Nothing else can be too large still. */
export function isShortened({ findings = [] }: PoolPolicyStatus): boolean {
  return findings[0]?.reason === shortenedReason;
}

function saying(says: string): NonNullable<PoolPolicyStatus["findings"]>[number] {
  const message =
    `the status would be larger than ${statusBytesMax} bytes, so it is without ${says}; every ` +
    "workload is managed all the same. To see all again, split the policy";
  return { reason: shortenedReason, message };
}

function unsaid({ findings = [] }: PoolPolicyStatus): NonNullable<PoolPolicyStatus["findings"]> {
  return findings.filter(({ reason }) => reason !== shortenedReason);
}

function withRows(change: (row: WorkloadRow) => WorkloadRow): Cut["of"] {
  return ({ workloads = [], ...rest }) => ({ ...rest, workloads: workloads.map(change) });
}

/** The operator sees it again within the hour. */
function withoutUse(row: WorkloadRow): WorkloadRow {
  const unsaid = { inUse: undefined, recommendedPoolSize: undefined, recommendation: undefined };
  return { ...row, ...unsaid };
}

function withoutMessage(row: WorkloadRow): WorkloadRow {
  return { ...row, message: "" };
}

function withShortMessage<T extends { readonly message: string }>(said: T): T {
  const { message } = said;
  return message.length <= messageKept
    ? said
    : { ...said, message: `${message.slice(0, messageKept - 1)}…` };
}

const bracketsAndComma = 3;

/** As the API server writes JSON, or a little more: it escapes what could be taken for HTML. */
export function bytesOf(value: unknown): number {
  if (typeof value === "string") return bytesOfText(value);
  if (typeof value !== "object" || value === null) return String(value).length + 1;
  if (Array.isArray(value))
    return value.reduce<number>((sum, one) => sum + bytesOf(one), bracketsAndComma);
  let bytes = bracketsAndComma;
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) bytes += bytesOfText(key) + bytesOf(inner);
  }
  return bytes;
}

const oneByteEach = /^[ !#-%'-;=?-[\]-~]*$/;
const quotesAndComma = 3;

function bytesOfText(text: string): number {
  const bytes = oneByteEach.test(text) ? text.length : bytesOfUnusual(text);
  return bytes + quotesAndComma;
}

function bytesOfUnusual(text: string): number {
  let bytes = 0;
  for (const character of text) {
    if (oneByteEach.test(character)) bytes += 1;
    else bytes += character.charCodeAt(0) < 128 ? 6 : 4;
  }
  return bytes;
}
