// PHP-FPM with pm = dynamic does not start with fewer children than spare servers. Its images take
// both from the environment.

import { test } from "vitest";
import { app, env, expectOf } from "../support/situation.ts";

const entry = { env: { maxSize: "PHP_FPM_PM_MAX_CHILDREN" } };
const children = ["PHP_FPM_PM_MAX_CHILDREN", "50"] as [string, string];

test.each(["PHP_FPM_PM_START_SERVERS", "PHP_FPM_PM_MIN_SPARE_SERVERS", "phpFpmPmMaxSpareServers"])(
  "no size below %s is given",
  async (name) => {
    const podSpec = env(children, [name, "20"], ["PHP_FPM_PM", "dynamic"]);
    const says = [`${name}=20`, "remove it and let pm be static or ondemand"] as const;
    const want = { finding: ["MinimumInTemplate", ...says], grant: 20 } as const;
    await expectOf({ name, entry, podSpec }, want);
  },
);

test.each([
  { name: "of static children", more: ["PHP_FPM_PM", "static"] },
  { name: "of children on demand", more: ["PHP_FPM_PM_CONTROL", "ondemand"] },
])("spare servers $name keep no size up", async ({ name, more: [mode = "", value = ""] }) => {
  const podSpec = env(children, ["PHP_FPM_PM_MAX_SPARE_SERVERS", "20"], [mode, value]);
  await expectOf({ name, entry, podSpec }, { withoutFinding: "MinimumInTemplate", grant: 14 });
});

test("spare servers under another prefix are of another pool", async () => {
  const podSpec = env(children, ["ADMIN_PM_MAX_SPARE_SERVERS", "20"]);
  await expectOf({ name: "", entry, podSpec }, { withoutFinding: "MinimumInTemplate", grant: 14 });
});

test("spare servers are found in a Secret that all of the environment is taken from", async () => {
  const data = { PHP_FPM_PM_MAX_CHILDREN: "50", PHP_FPM_PM_MAX_SPARE_SERVERS: "20" };
  const podSpec = app({ envFrom: [{ secretRef: { name: "web" } }] });
  const want = { finding: ["MinimumInTemplate", "MAX_SPARE_SERVERS=20"], grant: 20 } as const;
  await expectOf({ name: "Secret", entry, podSpec, data }, want);
});

test("spare servers are found among more entries than are kept", async () => {
  const others = Array.from(
    { length: 1_000 },
    (_, number) => [`OTHER_${number}`, "1"] as [string, string],
  );
  const podSpec = env(children, ["PHP_FPM_PM_MAX_SPARE_SERVERS", "20"], ...others);
  const want = { finding: ["MinimumInTemplate", "MAX_SPARE_SERVERS=20"], grant: 20 } as const;
  await expectOf({ name: "many", entry, podSpec }, want);
});
