// When the alerts on pools and servers fire, and when they do not.
import { budget, ofPool, ofServer, running, server } from "./policy-series.ts";
import type { Scenario } from "./scenario.ts";

/** With `poolMetrics: Micrometer` and `postgresExporter: true`. */
export const poolScenarios: readonly Scenario[] = [
  {
    name: "a HikariCP pool whose connections are all in use for a minute",
    alert: "ConnectionPoolExhausted",
    series: [
      running,
      budget,
      ofServer("poolwarden_fleet_sessions", "60+0x300"),
      ofPool("hikaricp_connections_active", "3 6+0x300"),
      ofPool("hikaricp_connections_max", "6+0x300"),
      ofPool("hikaricp_connections_active", "6+0x300", "x-1", "other"),
      ofPool("hikaricp_connections_max", "6+0x300", "x-1", "other"),
    ],
    quietAt: "1m",
    firesAt: "1m15s",
    wantLabels: { severity: "critical", pod: "web-1", pool: "main" },
    wantSummary: "A pool of web-1 in shop has no free connection.",
    wantDescription: "The server's budget is 187 slots and the fleet holds 60 of them",
    quiet: {
      name: "one connection is free, and nobody waits",
      series: [
        ofPool("hikaricp_connections_active", "5+0x1000"),
        ofPool("hikaricp_connections_max", "6+0x1000"),
        ofPool("hikaricp_connections_pending", "0+0x1000"),
      ],
    },
  },
  {
    name: "threads that wait for a connection",
    alert: "ConnectionPoolExhausted",
    series: [running, ofPool("hikaricp_connections_pending", "0+0x4 3+0x300", "web-2")],
    quietAt: "2m",
    firesAt: "2m15s",
    wantLabels: { severity: "critical", pod: "web-2", pool: "main" },
    wantSummary: "A pool of web-2 in shop has no free connection.",
    wantDescription: "The server's budget is ? slots",
    quiet: {
      name: "threads wait for half a minute now and then",
      series: [ofPool("hikaricp_connections_pending", "0 3 3 0 0 3 3 3 0 0 3 3 0+0x1000")],
    },
  },
  {
    name: "a server that cannot be read for 30 s",
    alert: "DatabaseUnhealthy",
    series: [running, budget, ofServer("poolwarden_database_up", "1 1 1 1 0+0x300")],
    quietAt: "1m15s",
    firesAt: "1m30s",
    wantLabels: { severity: "critical", source: "operator", server },
    wantSummary: `The operator cannot read the limits of ${server}.`,
    wantDescription: `The latest reading of ${server} failed. Sizes stay as they are and nothing grows (budget 187 slots)`,
    quiet: {
      name: "single readings fail",
      series: [ofServer("poolwarden_database_up", "1 0 1 1 1 0 0 1+0x1000")],
    },
  },
  {
    name: "an exporter whose server is down",
    alert: "DatabaseUnhealthy",
    series: [
      running,
      { series: 'pg_up{namespace="shop",instance="exporter:9187"}', values: "1 1 0+0x300" },
    ],
    quietAt: "45s",
    firesAt: "1m",
    wantLabels: { severity: "critical", source: "exporter", instance: "exporter:9187" },
    wantSummary: "postgres_exporter in shop cannot reach its server.",
    wantDescription: "exporter:9187 reports pg_up 0 since 30 s",
    quiet: {
      name: "the exporter of another namespace",
      series: [
        { series: 'pg_up{namespace="other",instance="exporter:9187"}', values: "0+0x1000" },
        { series: 'pg_up{namespace="shop",instance="exporter:9187"}', values: "1+0x1000" },
      ],
    },
  },
];

/** With `poolMetrics: DbPool`. */
export const dbPoolScenarios: readonly Scenario[] = [
  {
    name: "a pool without a free connection for a minute",
    alert: "ConnectionPoolExhausted",
    series: [running, budget, ofPool("db_pool_free_connections", "2 2 0+0x300")],
    quietAt: "1m15s",
    firesAt: "1m30s",
    wantLabels: { severity: "critical", pod: "web-1", pool: "main" },
    wantSummary: "A pool of web-1 in shop has no free connection.",
    wantDescription: "No connection of pool main in pod web-1 has been free for 1 min",
    quiet: {
      name: "one connection is free",
      series: [
        ofPool("db_pool_free_connections", "1+0x1000"),
        ofPool("db_pool_free_connections", "0+0x1000", "x-1", "other"),
      ],
    },
  },
  {
    name: "a service that finds its database unhealthy",
    alert: "DatabaseUnhealthy",
    series: [running, ofPool("database_health_status", "1 1 0+0x300")],
    quietAt: "45s",
    firesAt: "1m",
    wantLabels: { severity: "critical", source: "pool", pod: "web-1", pool: "main" },
    wantSummary: "web-1 in shop finds its database unhealthy.",
    wantDescription: "Pod web-1 reports database_health_status 0 (1 is healthy) since 30 s.",
    quiet: {
      name: "one failed check",
      series: [ofPool("database_health_status", "1 1 0 1+0x1000")],
    },
  },
];
