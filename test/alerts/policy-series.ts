// The series of one policy on one server, as Prometheus has them, for the scenarios of its alerts.
import type { Series } from "./scenario.ts";

/** Quotes, braces and a backslash: the rules must select and print it as it is. */
export const server = 'db"\\{{ $value }}.svc:5432';
const promServer = JSON.stringify(server);

export const running: Series = {
  series: 'poolwarden_cache_objects{kind="Pod"}',
  values: "5+0x1100",
};
export const budget = bare("poolwarden_budget_slots", "187+0x1100");
export const limit = bare("poolwarden_max_connections", "200+0x1100");

/** As a static configuration scrapes it. */
function bare(metric: string, values: string): Series {
  return { series: `${metric}{server=${promServer}}`, values };
}

export function ofServer(metric: string, values: string, pod = "poolwarden-1"): Series {
  return { series: `${metric}{server=${promServer},pod="${pod}"}`, values };
}

/** A series of ours as it is scraped without honorLabels. */
export function ofPolicy(metric: string, values: string, more = "", namespace = "shop"): Series {
  const labels = `namespace="poolwarden-system",exported_namespace="${namespace}",policy="orders"`;
  return { series: `${metric}{${labels}${more}}`, values };
}

/** The same with them. */
export function honoured(metric: string, values: string, more = ""): Series {
  return { series: `${metric}{namespace="shop",policy="orders"${more}}`, values };
}

/** What a pod of the application exports itself. */
export function ofPool(metric: string, values: string, pod = "web-1", namespace = "shop"): Series {
  return { series: `${metric}{namespace="${namespace}",pod="${pod}",pool="main"}`, values };
}
