// The lower half of the dashboard: that none of the questions of a person at night is missing.
import { expect, it } from "vitest";
import { workRows } from "../../../src/render/dashboard-work.ts";

const panels = workRows.flatMap(({ panels: ofRow }) => ofRow);

it.each([
  { question: "who waits, and why", want: "poolwarden_workload_waiting" },
  { question: "what the server refused", want: "poolwarden_database_reads_total" },
  { question: "what the API server refused", want: "poolwarden_writes_total" },
  { question: "who else is on the server", want: "poolwarden_foreign_sessions" },
  { question: "who leads", want: "poolwarden_leader" },
  { question: "what a pooler may open", want: "poolwarden_behind_may_open_slots" },
])("answers $question", ({ want }) => {
  const expressions = panels.flatMap(({ queries }) => queries.map(({ expression }) => expression));
  expect(expressions.some((expression) => expression.includes(`${want}{`))).toBe(true);
});

it("names the reason of a wait", () => {
  const waits = panels.find(({ title }) => title === "Who waits, and why");
  expect(waits?.queries[0]?.legend).toContain("{{reason}}");
});
