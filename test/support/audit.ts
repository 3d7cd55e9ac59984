// What the API server itself says of who asked what: its audit log, for tests of who may write
// when, and of which rights are used.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { read } from "./kubernetes-rest.ts";

const writing = ["create", "update", "patch", "delete"];

export type AuditOptions = {
  /** Whose reads are logged as well, and with a body for each write; default: nobody's. */
  readonly userGroup?: string;
};

/** One request, once it was answered; a watch once it was accepted. */
export type AuditEntry = {
  readonly user: string;
  readonly verb: string;
  readonly apiGroup: string;
  /** With its subresource: `pods`, `poolpolicies/status`. Undefined for what is no resource. */
  readonly resource: string | undefined;
  /** Undefined where it was asked of the whole cluster. */
  readonly namespace: string | undefined;
  /** `resource/name`. */
  readonly object: string;
  /** HTTP status. */
  readonly status: number;
  /** When the API server got it, and when it had answered, ms since the epoch. */
  readonly receivedMs: number;
  readonly answeredMs: number;
  /** Of the object in the answer, where the bodies are logged and there is one. */
  readonly resourceVersion: number | undefined;
};

export type Audit = {
  readonly apiServerFlags: Readonly<Record<string, string>>;
  /** So far, in the order in which they were answered. */
  entries(): Promise<readonly AuditEntry[]>;
};

/** To be given to a control plane that is yet to start. */
export async function prepareAudit(
  directory: string,
  { userGroup }: AuditOptions = {},
): Promise<Audit> {
  const policyPath = join(directory, "audit-policy.json");
  const logPath = join(directory, "audit.log");
  await writeFile(policyPath, JSON.stringify(policyFor(userGroup)));
  return {
    apiServerFlags: {
      "audit-policy-file": policyPath,
      "audit-log-path": logPath,
      "audit-log-mode": "blocking",
    },
    entries: async () => {
      const lines = (await readFile(logPath, "utf8")).split("\n");
      return lines.filter((line) => line !== "").map((line) => entryOf(JSON.parse(line)));
    },
  };
}

function policyFor(userGroup: string | undefined): object {
  const ofGroup = { userGroups: [userGroup] };
  const more = [
    { level: "RequestResponse", verbs: writing, ...ofGroup },
    { level: "Metadata", ...ofGroup },
  ];
  return {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    omitManagedFields: true,
    rules: [
      ...(userGroup === undefined ? [] : more),
      { level: "Metadata", verbs: writing },
      { level: "None" },
    ],
  };
}

function entryOf(entry: unknown): AuditEntry {
  const target = (key: string): string | undefined =>
    read(entry, "objectRef", key) as string | undefined;
  const [resource, subresource] = [target("resource"), target("subresource")];
  const version = Number(read(entry, "responseObject", "metadata", "resourceVersion"));
  return {
    user: String(read(entry, "user", "username")),
    verb: String(read(entry, "verb")),
    apiGroup: target("apiGroup") ?? "",
    resource: resource && subresource ? `${resource}/${subresource}` : resource,
    namespace: target("namespace"),
    object: `${String(resource)}/${String(target("name"))}`,
    status: Number(read(entry, "responseStatus", "code")),
    receivedMs: Date.parse(String(read(entry, "requestReceivedTimestamp"))),
    answeredMs: Date.parse(String(read(entry, "stageTimestamp"))),
    resourceVersion: Number.isNaN(version) ? undefined : version,
  };
}
