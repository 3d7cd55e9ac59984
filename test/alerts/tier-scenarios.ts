// When the alert on the server behind a pooler fires, and when it does not.
import { honoured, ofPolicy, running, server } from "./policy-series.ts";
import type { Scenario, Series } from "./scenario.ts";

const behind = ',behind="pg.shop.svc:5432"';
const other = ',behind="old.shop.svc:5432"';

/** What a server behind has is the same all the time; another one has room. */
function tiers(may: string, more = behind): readonly Series[] {
  return [
    running,
    ofPolicy("poolwarden_behind_slots", "97+0x1000", more),
    ofPolicy("poolwarden_behind_may_open_slots", may, more),
    honoured("poolwarden_behind_slots", "50+0x1000", other),
    honoured("poolwarden_behind_may_open_slots", "50+0x1000", other),
  ];
}

export const tierScenarios: readonly Scenario[] = [
  {
    name: "a pooler with a third pod, whose pools are more than the server behind it has",
    alert: "ServerBehindTooSmall",
    series: tiers("80 120+0x300"),
    quietAt: "10m",
    firesAt: "10m15s",
    wantLabels: { severity: "warning", behind: "pg.shop.svc:5432" },
    wantSummary: `The pooler ${server} may open more connections than pg.shop.svc:5432 has.`,
    wantDescription:
      "may open 23 connections more to pg.shop.svc:5432 than it has for applications",
    quiet: {
      name: "as many as it has, more for the time of a rollout, and another policy's far too many",
      series: [
        ...tiers("97+0x100 120+0x30 97+0x900"),
        ofPolicy("poolwarden_behind_slots", "10+0x1000", behind, "other"),
        ofPolicy("poolwarden_behind_may_open_slots", "90+0x1000", behind, "other"),
      ],
    },
  },
  {
    name: "a pool without a limit",
    alert: "ServerBehindTooSmall",
    series: tiers("80 +Inf+0x300"),
    quietAt: "10m",
    firesAt: "10m15s",
    wantLabels: { severity: "warning", behind: "pg.shop.svc:5432" },
    wantSummary: `The pooler ${server} may open more connections than pg.shop.svc:5432 has.`,
    wantDescription: "may open +Inf connections more to pg.shop.svc:5432",
    quiet: { name: "none is open, and none may be", series: tiers("0+0x1000") },
  },
];
