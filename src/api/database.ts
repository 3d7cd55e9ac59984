// What a policy says about its database server and what is kept free on it.

import { z } from "zod";
import { engineNames, engines, enginesInWords, usualEngine } from "./engines.ts";
import { objectNameMax, objectNamePattern } from "./names.ts";
import { matches, type Rule, ruled, textRule } from "./rules.ts";

/** The most connections that a server of any engine can be told to allow. */
export const connectionsMax = Math.max(...engineNames.map((name) => engines[name].connectionsMax));

const port =
  "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
const host = "([A-Za-z0-9_]([-A-Za-z0-9_.]{0,251}[A-Za-z0-9_.])?|\\[[0-9A-Fa-f:.]{2,45}\\])";
const addressPattern = `^${host}:${port}$`;
const percentPattern = "^(100|[1-9]?[0-9])%$";

/** Commands that a condition prints for people to run carry this name: no shell may read it. */
const secretName = ruled(z.string().min(1).max(objectNameMax), [
  textRule(
    objectNamePattern,
    "give the name of a Secret: lower-case letters, digits, - and ., such as orders-db",
  ),
]);

const key = ruled(z.string().min(1).max(253), [
  textRule("^[-._a-zA-Z0-9]+$", "give a key of a Secret: letters, digits, -, _ and ., such as uri"),
]);

export const secretRef = z.object({
  name: secretName.describe("Name of a Secret in the policy's own namespace."),
  key: key.default("uri").describe(`Key whose value is a ${enginesInWords} connection URI.`),
  caKey: key
    .optional()
    .describe("Key whose value is the PEM of the CA that the server's certificate must lead to."),
});

const address = ruled(z.string().min(1).max(300), [
  textRule(
    addressPattern,
    "give host:port, such as db.shop.svc:5432; an IPv6 address goes in brackets, such as [2001:db8::1]:5432",
  ),
]);

/** It is sent to the server beside the roles of all other policies. */
const role = ruled(z.string().min(1).max(63), [
  textRule("^[^\\x00-\\x1f\\x7f]+$", "give the name of a role, without control characters"),
]);

const maxConnections = z.int().min(1).max(connectionsMax);

/** The most read replicas of one policy: its pods open a pool on each. */
export const replicasMax = 8;

/** What names a server, whichever field it stands in. */
type Naming = {
  readonly secretRef?: unknown;
  readonly address?: unknown;
  readonly maxConnections?: unknown;
};

/** Exactly one of the two ways to name a server; `field` is what people read it as. */
function namingRules(field: string): readonly Rule<Naming>[] {
  return [
    {
      cel: "has(self.secretRef) || has(self.address)",
      message: `give ${field}.secretRef or ${field}.address`,
      holds: (one) => one.secretRef !== undefined || one.address !== undefined,
    },
    {
      cel: "!has(self.secretRef) || !has(self.address)",
      message: `give ${field}.secretRef or ${field}.address, not both: the secret's URI names the server already`,
      holds: (one) => one.secretRef === undefined || one.address === undefined,
    },
    {
      cel: "!has(self.address) || has(self.maxConnections)",
      field: "maxConnections",
      isMissing: true,
      message: `${field}.address needs ${field}.maxConnections: nothing is asked of the server without a secret`,
      holds: (one) => one.address === undefined || one.maxConnections !== undefined,
    },
  ];
}

const readReplica = ruled(
  z.object({
    secretRef: secretRef
      .optional()
      .describe(
        "Secret that holds the connection URI of the replica. Either secretRef, or address.",
      ),
    address: address
      .optional()
      .describe(
        "host:port of the replica, instead of a secret. maxConnections must be given as well.",
      ),
    maxConnections: maxConnections
      .optional()
      .describe(
        "Declared max_connections of the replica. Beside a secret it can only lower what the server says.",
      ),
  }),
  namingRules("readReplicas[]"),
);

const serverBehind = ruled(
  z.object({
    secretRef: secretRef
      .optional()
      .describe(
        "Secret that holds the connection URI of the server behind the pooler. Either secretRef, or address.",
      ),
    address: address
      .optional()
      .describe(
        "host:port of the server, instead of a secret. maxConnections must be given as well.",
      ),
    maxConnections: maxConnections
      .optional()
      .describe(
        "Declared max_connections of the server. Beside a secret it can only lower what the server says.",
      ),
  }),
  namingRules("serverBehind"),
);

/** Zod schema of `spec.database`. */
export const database = ruled(
  z.object({
    engine: z
      .enum(engineNames)
      .default(usualEngine)
      .describe("Kind of database server. A connection URI says it by its beginning, and decides."),
    secretRef: secretRef
      .optional()
      .describe(
        "Secret that holds the connection URI; the operator reads the limits and the sessions with it. Either secretRef, or address.",
      ),
    address: address
      .optional()
      .describe(
        "host:port of the server, instead of a secret. It only names the server; maxConnections must be given as well.",
      ),
    maxConnections: maxConnections
      .optional()
      .describe(
        "Declared max_connections. Beside a secret it can only lower what the server says.",
      ),
    role: role
      .optional()
      .describe(
        "Role (MySQL: user) whose limit on connections counts. Default: the user of the connection URI.",
      ),
    cores: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        "CPU cores of the server. With them the status says how many connections at work suit it: cores x 2 + disks.",
      ),
    disks: z
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .describe("Disks that the data of the server is spread over (1 if unset); an SSD is one."),
    readReplicas: z
      .array(readReplica)
      .max(replicasMax)
      .optional()
      .describe(
        "Servers on each of which every pod opens a second pool of the same size, such as hot standbys. A pool counts on each of them, and the tightest decides its size.",
      ),
    serverBehind: serverBehind
      .optional()
      .describe(
        "Of a pooler (engine PgBouncer): the server behind it, which is read as well. What the pooler may open there is compared with its max_connections, and in session mode that is a limit of the pools.",
      ),
  }),
  [
    ...namingRules("database"),
    {
      cel: "!has(self.serverBehind) || self.engine == 'PgBouncer'",
      message:
        "database.serverBehind is of a pooler: set database.engine to PgBouncer, or remove it",
      holds: ({
        engine,
        serverBehind: behind,
      }: Naming & { engine?: unknown; serverBehind?: unknown }) =>
        behind === undefined || engine === "PgBouncer",
    },
  ],
);

const reservedConnections = ruled(z.union([z.int(), z.string().max(10)]), [
  {
    cel: `type(self) == int ? self >= 0 && self <= ${String(connectionsMax)} : self.matches(r'${percentPattern}')`,
    message:
      "give reserve.connections as a number of slots that is not negative, such as 10, or as a percentage from 0% to 100%, such as 5%",
    holds: (value) =>
      typeof value === "number"
        ? value >= 0 && value <= connectionsMax
        : matches(value, percentPattern),
  },
]);

/** Zod schema of `spec.reserve`. */
export const reserve = z.object({
  connections: reservedConnections
    .meta({ "x-kubernetes-int-or-string": true })
    .describe(
      "Slots kept for people, migrations and jobs: a number, or a percentage of the capacity such as 5%.",
    )
    .default(10),
  rollouts: z
    .int()
    .min(0)
    .max(100)
    .default(1)
    .describe(
      "How many workloads may be mid-rollout at any moment; room for the largest is kept free.",
    ),
});
