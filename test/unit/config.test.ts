// What the command line takes, and how it refuses: with the name, the value and what would do.

import { describe, expect, test } from "vitest";
import { readCommand, settingNames } from "../../src/config.ts";
import { usage } from "../../src/usage.ts";

describe("a value that cannot be used is refused", () => {
  test.each([
    { flag: "database-interval", value: "0s", want: "from 1s to 1h" },
    { flag: "database-interval", value: "-5s", want: "from 1s to 1h" },
    { flag: "database-interval", value: "999ms", want: "from 1s to 1h" },
    { flag: "database-interval", value: "9999999h", want: "from 1s to 1h" },
    { flag: "database-interval", value: "30", want: "such as 30s" },
    { flag: "settle-time", value: "11m", want: "from 0s to 10m" },
    { flag: "admission-warm-up", value: "1h", want: "from 0s to 10m" },
    { flag: "leader-elect", value: "maybe", want: "true" },
    { flag: "lease-name", value: "Main Lease", want: "the name of an object" },
    { flag: "lease-duration", value: "0s", want: "from 1s to 10m" },
    { flag: "listen", value: "127.0.0.1:99999", want: "at most 65535" },
    { flag: "listen", value: "80", want: "host:port" },
    { flag: "runbook-base-url", value: "runbooks/", want: "must be a URL" },
    { flag: "runbook-base-url", value: "https://wiki/x", want: "/ at its end" },
    { flag: "runbook-base-url", value: "https://wiki/{{ x }}/", want: "must be a URL" },
    { flag: "log-level", value: "loud", want: "must be one of trace, debug" },
    { flag: "evictions", value: "yes", want: "must be true or false" },
    {
      flag: "allowed-database-hosts",
      value: "db,**",
      want: '"**" is not a valid host: give a host name',
    },
    { flag: "allowed-database-hosts", value: "10.0.0.0/99", want: "such as 10.0.0.0/8" },
    { flag: "allowed-database-hosts", value: " ,", want: "names nothing" },
    {
      flag: "namespace-quotas",
      value: "team-a",
      want: '"team-a" is not a valid quota: give namespace=',
    },
    { flag: "namespace-quotas", value: "a=101%", want: "such as team-a=40%" },
    { flag: "namespace-quotas", value: "a=0", want: "is not a valid quota" },
    { flag: "namespace-quotas", value: "A=1", want: "is not a valid quota" },
    { flag: "namespace-quotas", value: "a=1,b=2,a=3%", want: "a namespace is named twice" },
  ])("--$flag $value", ({ flag, value, want }) => {
    const said = `--${flag} "${value}"`;
    expect(() => readCommand(["run", `--${flag}=${value}`], {})).toThrow(said);
    expect(() => readCommand(["run", `--${flag}=${value}`], {})).toThrow(want);
    const name = `POOLWARDEN_${flag.toUpperCase().replaceAll("-", "_")}`;
    expect(() => readCommand(["run"], { [name]: value })).toThrow(`${name} "${value}"`);
  });
});

test("the ends of what is allowed are allowed", () => {
  const flags = ["--listen=[::1]:65535", "--database-interval=1h", "--settle-time=0s"];
  expect(readCommand(["run", ...flags], {})).toMatchObject({
    config: { listen: "[::1]:65535", databaseIntervalMs: 3_600_000, settleTimeMs: 0 },
  });
});

test("without flags the defaults are those that the help names", () => {
  const command = readCommand(["run"], {});
  expect(command).toMatchObject({
    config: {
      listen: "0.0.0.0:8080",
      logLevel: "info",
      databaseIntervalMs: 30_000,
      settleTimeMs: 5_000,
      admissionWarmUpMs: 35_000,
    },
  });
  for (const said of ["0.0.0.0:8080", " info ", " 30s:", " 5s:", " 35s:"]) {
    expect(usage).toContain(said);
  }
});

test("a list that a shell left empty is refused, an empty variable is none", () => {
  expect(() => readCommand(["run", "--allowed-database-hosts="], {})).toThrow("names nothing");
  const command = readCommand(["run"], { POOLWARDEN_ALLOWED_DATABASE_HOSTS: "" });
  expect(command).toMatchObject({ config: { allowedDatabaseHosts: [] } });
});

test("lists take spaces and a comma too many; without them there is no bound", () => {
  const lists = ["--allowed-database-hosts= db , *.a.com:1,", "--namespace-quotas=a=40%, *=9"];
  const command = readCommand(["run", ...lists], {});
  expect(command).toMatchObject({
    config: {
      allowedDatabaseHosts: [{ text: "db" }, { text: "*.a.com:1", port: 1 }],
      namespaceQuotas: [
        { namespace: "a", amount: 40, unit: "percent" },
        { namespace: "*", amount: 9, unit: "slots" },
      ],
    },
  });
  expect(readCommand(["run"], {})).toMatchObject({
    config: { allowedDatabaseHosts: [], namespaceQuotas: [] },
  });
});

test("quotas may be given by the name that they had before, and the new name counts first", () => {
  const former = { POOLWARDEN_NAMESPACE_SHARES: "a=1" };
  const quotas = (amount: number): object => ({
    config: { namespaceQuotas: [{ namespace: "a", amount, unit: "slots" }] },
  });
  expect(readCommand(["run"], former)).toMatchObject(quotas(1));
  expect(readCommand(["run", "--namespace-shares=a=2"], former)).toMatchObject(quotas(2));
  const both = ["--namespace-shares=a=2", "--namespace-quotas=a=3"];
  expect(readCommand(["run", ...both], former)).toMatchObject(quotas(3));
  expect(() => readCommand(["run", "--namespace-shares=a=x"], {})).toThrow(
    '--namespace-shares "a=x": "a=x" is not a valid quota',
  );
});

test("every setting has a line in the help", () => {
  const named = usage.match(/POOLWARDEN_[A-Z_]+/g) ?? [];
  for (const flag of settingNames) {
    expect(usage).toContain(`--${flag} `);
    expect(named).toContain(`POOLWARDEN_${flag.toUpperCase().replaceAll("-", "_")}`);
  }
});

test.each([
  { name: "a laptop", environment: {}, want: "poolwarden-system:poolwarden" },
  {
    name: "a pod that knows its account",
    environment: { POD_NAMESPACE: "databases", POD_SERVICE_ACCOUNT: "pools" },
    want: "databases:pools",
  },
])("the account that commands name, on $name", ({ environment, want }) => {
  expect(readCommand(["run"], environment)).toMatchObject({ config: { serviceAccount: want } });
});

describe("who elects a leader", () => {
  const times = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

  test.each([
    { name: "nobody on a laptop", flags: [], environment: {}, want: undefined },
    {
      name: "a pod that knows its namespace",
      flags: [],
      environment: { POD_NAMESPACE: "system" },
      want: { namespace: "system", name: "poolwarden", ...times },
    },
    {
      name: "no pod that is told not to",
      flags: ["--leader-elect=false"],
      environment: { POD_NAMESPACE: "system" },
      want: undefined,
    },
    {
      name: "whoever is told where the Lease is, and how patient to be",
      flags: [
        ...["--leader-elect=true", "--lease-namespace=shop", "--lease-name=a"],
        ...["--lease-duration=3s", "--renew-deadline=2s", "--retry-period=500ms"],
      ],
      environment: { POD_NAMESPACE: "system" },
      want: {
        ...{ namespace: "shop", name: "a" },
        ...{ leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryMs: 500 },
      },
    },
  ])("$name", ({ flags, environment, want }) => {
    const command = readCommand(["run", ...flags], environment);
    expect(command.kind === "run" && command.config.election).toEqual(want);
  });

  test.each([
    { flags: ["--leader-elect=true"], want: "--lease-namespace" },
    { flags: ["--renew-deadline=13s"], want: "at most 80 % of --lease-duration" },
    { flags: ["--retry-period=6s"], want: "at most half of --renew-deadline" },
  ])("$flags is refused", ({ flags, want }) => {
    const environment = flags[0] === "--leader-elect=true" ? {} : { POD_NAMESPACE: "system" };
    expect(() => readCommand(["run", ...flags], environment)).toThrow(want);
  });
});
