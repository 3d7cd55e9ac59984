// The fleet is noted once a minute while the process runs.
import { expect, test } from "vitest";
import { FleetHistory } from "../../../src/page/fleet-history.ts";
import { historyPart } from "../../../src/page/keep-history.ts";
import { ordersReport } from "../../support/shown-fleet.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

test("it is noted after the start and then each minute, until the stop", async () => {
  const clock = new VirtualClock();
  const history = new FleetHistory();
  const part = historyPart({ reports: () => [ordersReport()], history, clock });
  const noted = (): number => history.ofServer(ordersReport().status.server ?? "").length;

  await part.start?.();
  await clock.advance(5 * 60_000);
  expect(noted()).toBe(5);

  await part.stop?.();
  await clock.advance(5 * 60_000);
  expect(noted()).toBe(5);
});
