// Where the page and its two files are served, and what a browser may do with them: nothing from
// elsewhere, nothing inline, in nobody's frame.

import type { PolicyReport } from "../render/pool-report.ts";
import { fleetViewOf } from "../render/fleet-view.ts";
import type { Page, Routes } from "../runtime/http-server.ts";
import type { FleetHistory } from "./fleet-history.ts";
import { fleetPage } from "./fleet-page.ts";
import { script, style } from "./page-files.ts";

const headers = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export interface PageSource {
  readonly reports: () => readonly PolicyReport[];
  readonly history: FleetHistory;
  readonly nowMs: () => number;
}

type PageRoutes = Routes & { readonly "/": () => Page };

/** `/` is as large as the fleet: whoever serves it shares one among those who ask. */
export function pageRoutes({ reports, history, nowMs }: PageSource): PageRoutes {
  const fleet = (): Page => {
    const parts = { fleet: fleetViewOf(reports()), history, nowMs: nowMs() };
    return pageOf("text/html", fleetPage(parts));
  };
  const styles = pageOf("text/css", style);
  const scripts = pageOf("text/javascript", script);
  return { "/": fleet, "/page.css": () => styles, "/page.js": () => scripts };
}

function pageOf(type: string, body: string): Page {
  return { status: 200, contentType: `${type}; charset=utf-8`, body, headers };
}
