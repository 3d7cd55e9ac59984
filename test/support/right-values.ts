// What is right in situations that people had: which containers are to read which sizes in the end,
// how many slots the ledger has for their pods, and what their owner is told. The manifests are in
// declared-fleets.

export type Read = {
  /** Of its pods. */
  readonly app: string;
  readonly pods: number;
  readonly container: string;
  readonly variable: string;
  /** Undefined: nothing writes it. */
  readonly value?: string;
};

export type Situation = {
  /** Of its manifests. */
  readonly fleet: string;
  readonly policy: string;
  readonly ready: "True" | "False";
  /** Reason, and a part of the message. */
  readonly told?: readonly [reason: string, says: string];
  readonly held: number;
  readonly read: readonly Read[];
  /** The owner of the pods replaces them: Poolwarden does not. */
  readonly replaced?: true;
};

const hikari = "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE";
const size = "DB_POOL_MAX_SIZE";

function reading(app: string, pods: number, variable: string, value?: string): Read {
  return { app, pods, container: "app", variable, ...(value !== undefined && { value }) };
}

export const rightValues: readonly Situation[] = [
  {
    fleet: "default-container-has-no-pool",
    ...{ policy: "shop", ready: "True", held: 92 },
    read: [reading("shop", 4, size, "23"), { ...reading("shop", 4, size), container: "edge" }],
  },
  {
    fleet: "second-container-with-the-same-variable",
    ...{ policy: "shop", ready: "True", held: 92 },
    told: ["PoolBesideSize", "container jobs sets DB_POOL_MAX_SIZE too: its 20 connections"],
    read: [
      { ...reading("shop", 4, size, "3"), container: "web" },
      { ...reading("shop", 4, size, "20"), container: "jobs" },
    ],
  },
  ...["pool-in-a-native-sidecar", "pool-in-a-named-sidecar"].map((fleet): Situation => {
    const inSidecar = reading("api", 5, "DEFAULT_POOL_SIZE", "18");
    const read = [
      { ...inSidecar, container: "pooler" },
      { ...reading("api", 5, "DEFAULT_POOL_SIZE"), container: "api" },
    ];
    return { fleet, policy: "api", ready: "True", held: 90, read };
  }),
  {
    fleet: "size-by-property-or-argument",
    ...{ policy: "money", ready: "False", held: 360 },
    told: ["SizeOverridden", "counted as 40"],
    read: ["billing", "invoices", "reports"].map((app) => reading(app, 3, hikari)),
  },
  {
    fleet: "dashed-variable-name",
    ...{ policy: "books", ready: "True", held: 40, read: [reading("books", 4, hikari, "10")] },
  },
  {
    fleet: "limit-in-the-connection-url",
    ...{ policy: "shop", ready: "False", held: 160, read: [reading("shop", 4, size)] },
    told: ["SizeOverridden", "DATABASE_URL sets connection_limit"],
  },
  {
    fleet: "reference-stands-before-its-entry",
    ...{ policy: "gateway", ready: "False", held: 30, read: [reading("gateway", 3, size)] },
    told: ["ReferenceBeforeEntry", "DATABASE_URL refers to $(DB_POOL_MAX_SIZE)"],
  },
  {
    fleet: "a-size-that-is-no-number-counts-as-10",
    ...{ policy: "feed", ready: "True", held: 30, read: [reading("feed", 3, size, "10")] },
  },
  {
    fleet: "a-size-that-is-no-number-counts-as-10",
    ...{ policy: "shop", ready: "True", held: 40, read: [reading("shop", 4, size, "10")] },
  },
  {
    fleet: "minimum-above-the-granted-maximum",
    ...{ policy: "ledger", ready: "False", held: 60 },
    told: ["MinimumInTemplate", "APP_PG_POOL_MIN_SIZE=20"],
    read: [reading("ledger", 3, "APP_PG_POOL_MAX_SIZE", "20")],
  },
  {
    fleet: "minimum-named-in-the-policy",
    ...{ policy: "ledger", ready: "True", held: 42 },
    read: [
      reading("ledger", 3, "APP_PG_POOL_MAX_SIZE", "14"),
      reading("ledger", 3, "APP_PG_POOL_MIN_SIZE", "2"),
    ],
  },
  {
    fleet: "autoscaler-of-a-custom-resource",
    ...{ policy: "sso", ready: "True", held: 186 },
    told: ["ScaledElsewhere", "scales Identity/sso up to 6"],
    read: [reading("sso", 2, "KC_DB_POOL_MAX_SIZE", "93")],
  },
  {
    fleet: "deployment-is-only-a-template",
    ...{ policy: "web", ready: "False", held: 0, read: [] },
    told: ["TemplateOfRollout", "up to 10 by its autoscaler"],
  },
  {
    fleet: "pods-of-all-revisions",
    ...{ policy: "orders", ready: "True", held: 16, replaced: true },
    read: [reading("orders-3", 4, size, "4")],
  },
  {
    fleet: "overflow-beside-the-size",
    ...{ policy: "air", ready: "True", held: 42 },
    told: ["PoolBesideSize", "MAX_OVERFLOW=10"],
    read: [reading("scheduler", 2, "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE", "11")],
  },
  {
    fleet: "default-ceiling-cuts-a-large-pooler",
    ...{ policy: "pooler", ready: "True", held: 2_490 },
    read: [reading("pooler", 6, "MAX_DB_CONNECTIONS", "415")],
  },
];
