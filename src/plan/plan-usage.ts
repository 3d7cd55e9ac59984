// What `poolwarden plan --help` says.

import { poolModes } from "./assumed-tier.ts";
import { uriVariable } from "./secrets.ts";

export const outputs = ["text", "json", "yaml", "markdown"] as const;
export type OutputForm = (typeof outputs)[number];

export interface PlanFlag {
  readonly name: string;
  readonly short?: string;
  /** What stands for its value; undefined for one that has none. */
  readonly value?: string;
  readonly about: string;
}

export const planFlags: readonly PlanFlag[] = [
  {
    name: "filename",
    short: "f",
    value: "PATH",
    about: "a file, a folder with all below it, or - for standard input; may be repeated",
  },
  {
    name: "namespace",
    short: "n",
    value: "NAME",
    about: "of objects that name none; default: default",
  },
  { name: "output", short: "o", value: "FORM", about: `${outputs.join(", ")}; default: text` },
  {
    name: "max-connections",
    value: "N",
    about: "max_connections of every server; HOST:PORT=N for one; may be repeated",
  },
  {
    name: "reserved-connections",
    value: "N",
    about: "kept by the server beside what it keeps by default; 0",
  },
  {
    name: "role-limit",
    value: "ROLE=N",
    about: "CONNECTION LIMIT of a login; may be repeated",
  },
  {
    name: "pool-mode",
    value: "MODE",
    about: `${poolModes.join(", ")}: of a PgBouncer with a server behind it; default: session`,
  },
  { name: "other-sessions", value: "N", about: "sessions that belong to no pod; 0" },
  {
    name: "read",
    about: `read limits from the real servers, with the Secrets of the manifests or ${uriVariable}`,
  },
  {
    name: "what-if",
    value: "CHANGE",
    about:
      "replicas=Deployment/web=40, or maxReplicas=… for its autoscaler; NAMESPACE/ in front where it is not clear; may be repeated",
  },
  {
    name: "namespace-quotas",
    value: "A=40%,*=9",
    about: "as the operator is given it",
  },
  {
    name: "against-cluster",
    about: "plan the manifests over what runs, and say what applying them does, in order",
  },
  {
    name: "kubeconfig",
    value: "PATH",
    about: "of that cluster; default: as kubectl finds it, and its current context",
  },
  { name: "help", short: "h", about: "this text" },
];

export const planUsage = `poolwarden plan says what the operator would decide on manifests, before anybody applies them.

Usage: poolwarden plan -f PATH [flags]
       helm template . | poolwarden plan -f -

Flags:
${planFlags.map(lineOf).join("\n")}

Environment:
  ${uriVariable}       the connection URI of policies whose Secret is not among the manifests

Exit status: 0 everything fits, 1 something does not fit or an entry names a workload that is not there,
  2 the question could not be answered.
`;

function lineOf({ name, short, value, about }: PlanFlag): string {
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${flag.padEnd(34)} ${about}`;
}
