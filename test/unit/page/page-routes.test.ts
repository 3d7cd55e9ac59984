// What is served, and what a browser may do with it.
import { expect, test } from "vitest";
import { FleetHistory } from "../../../src/page/fleet-history.ts";
import { pageRoutes } from "../../../src/page/page-routes.ts";
import { ordersReport } from "../../support/shown-fleet.ts";

const routes = pageRoutes({
  reports: () => [ordersReport()],
  history: new FleetHistory(),
  nowMs: () => 0,
});

test.each(["/", "/page.css", "/page.js"])("%s may load nothing from elsewhere", async (path) => {
  const { headers = {} } = (await routes[path]?.()) ?? {};

  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["content-security-policy"]).not.toContain("unsafe");
});

test("the page has nothing inline that its own policy would forbid", () => {
  const { body } = routes["/"]();

  expect(body).not.toMatch(/style="|<style|onclick|<script>/);
});
