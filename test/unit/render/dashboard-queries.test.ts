// Pieces of the dashboard's queries: two operators that were scraped count once.
import { expect, it } from "vitest";
import { byServer, byWorkload, increase, total } from "../../../src/render/dashboard-queries.ts";

it("takes the maximum of what stands for the same thing", () => {
  expect(byServer("m")).toBe('max by (server) (m{server=~"$server"})');
  expect(byWorkload("m")).toBe(
    'max by (server, namespace, policy, workload) (m{namespace=~"$namespace",policy=~"$policy"})',
  );
});

it("adds up servers, and what was counted by each operator", () => {
  expect(total("m")).toBe('sum(max by (server) (m{server=~"$server"}))');
  expect(increase("m", 'a="b"', "c")).toBe('sum by (c) (increase(m{a="b"}[$__rate_interval]))');
});
