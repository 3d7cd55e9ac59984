// Refusals are counted in PostgreSQL's own log, by SQLSTATE, because the wording differs by version
// and by which slots are left.
import { expect, test } from "vitest";
import { countRefusals } from "../../demo/refusal-log.ts";

test("every refusal for want of a slot is counted, whatever its wording, and nothing else", () => {
  const line = (code: string, message: string): string =>
    `{"pid":7,"error_severity":"FATAL","state_code":"${code}","message":"${message}"}`;
  const lines = [
    line("53300", "sorry, too many clients already"),
    line("53300", "remaining connection slots are reserved for roles with …"),
    line("57P01", "terminating connection due to administrator command"),
    line("28P01", "password authentication failed"),
    "",
  ];
  expect(countRefusals(lines)).toBe(2);
});
