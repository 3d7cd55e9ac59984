// What the API server itself says of who wrote what: its audit log, for tests of who may write
// when.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { read } from "./kubernetes-rest.ts";

const policy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata", verbs: ["create", "update", "patch", "delete"] }, { level: "None" }],
};

/** One request that would change something, once it was answered. */
export type Change = {
  readonly user: string;
  readonly verb: string;
  /** `resource/name`. */
  readonly object: string;
  /** HTTP status. */
  readonly status: number;
  /** When the API server got it, and when it had answered, ms since the epoch. */
  readonly receivedMs: number;
  readonly answeredMs: number;
};

export type Audit = {
  readonly apiServerFlags: Readonly<Record<string, string>>;
  /** So far, in the order in which they were answered. */
  changes(): Promise<readonly Change[]>;
};

/** To be given to a control plane that is yet to start. */
export async function prepareAudit(directory: string): Promise<Audit> {
  const policyPath = join(directory, "audit-policy.json");
  const logPath = join(directory, "audit.log");
  await writeFile(policyPath, JSON.stringify(policy));
  return {
    apiServerFlags: {
      "audit-policy-file": policyPath,
      "audit-log-path": logPath,
      "audit-log-mode": "blocking",
    },
    changes: async () => {
      const lines = (await readFile(logPath, "utf8")).split("\n");
      return lines.filter((line) => line !== "").map((line) => changeOf(JSON.parse(line)));
    },
  };
}

function changeOf(entry: unknown): Change {
  const [resource, name] = ["resource", "name"].map((key) => read(entry, "objectRef", key));
  return {
    user: String(read(entry, "user", "username")),
    verb: String(read(entry, "verb")),
    object: `${String(resource)}/${String(name)}`,
    status: Number(read(entry, "responseStatus", "code")),
    receivedMs: Date.parse(String(read(entry, "requestReceivedTimestamp"))),
    answeredMs: Date.parse(String(read(entry, "stageTimestamp"))),
  };
}
