// What the chart says twice must be the same twice: versions, flags, and the pins of the Helm that
// tests it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { readChartValues } from "../../src/tools/chart-values.ts";
import { usage } from "../../src/usage.ts";
import { chartPath } from "../support/helm/helm.ts";
import { HELM_VERSIONS, type HelmMajor } from "../support/helm/helm-programs.ts";

const read = (...path: readonly string[]): Promise<string> =>
  readFile(join(chartPath, ...path), "utf8");

describe("the chart", () => {
  it("has the version of the operator, and installs that one", async () => {
    const { version } = packageJson;
    expect(parse(await read("Chart.yaml"))).toMatchObject({ version, appVersion: version });
  });

  it("has a value behind every flag that makes sense in a cluster", async () => {
    const onlyOutside = ["kubeconfig", "help", "version"];
    const flags = [...usage.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name = ""]) => name);
    const deployment = await read("templates", "deployment.yaml");
    const unset = flags.filter((flag) => !new RegExp(`- .*--${flag}=`).test(deployment));
    expect(flags.length).toBeGreaterThan(10);
    expect(unset.sort()).toEqual(onlyOutside.sort());
  });
});

describe("values.yaml", () => {
  it.each([
    {
      what: "a value without a text",
      text: "image: poolwarden\n",
      wantError: /image has no "# --"/,
    },
    {
      what: "a shape without a value",
      text: "crds:\n  # -- Install it\n  enabled: true\n",
      wantError: /no such value: .*replicaCount/,
    },
  ])("$what is refused when the schema is made", ({ text, wantError }) => {
    expect(() => readChartValues(text)).toThrow(wantError);
  });
});

it.each<HelmMajor>([3, 4])("go.mod pins the Helm %i that is spoken of", async (major) => {
  const folder = join(import.meta.dirname, "..", "support", "helm", `v${major}`);
  const pins = await readFile(join(folder, "go.mod"), "utf8");
  expect(pins).toContain(`helm.sh/helm/v${major} ${HELM_VERSIONS[major]}`);
});
