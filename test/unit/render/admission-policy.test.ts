// The admission policy as text: it accepts everything that we write, and refuses what we never
// would. What it does to pods is tried on a real API server, in test/integration/admission*.
import { describe, expect, it } from "vitest";
import { isForbiddenEnvironment } from "../../../src/api/environment.ts";
import { presets } from "../../../src/api/presets.ts";
import { profiles } from "../../../src/api/profiles.ts";
import { entriesFor } from "../../../src/api/sizing.ts";
import {
  buildAdmissionPolicy,
  buildAdmissionPolicyBinding,
} from "../../../src/render/admission-policy.ts";
import { aSpec } from "../../support/builders.ts";

type Spec = {
  readonly failurePolicy: string;
  readonly reinvocationPolicy: string;
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly variables: readonly { readonly name: string; readonly expression: string }[];
  readonly mutations: readonly object[];
};

const spec = buildAdmissionPolicy()["spec"] as Spec;

function listOf(variable: string): string[] {
  const expression = spec.variables.find(({ name }) => name === variable)?.expression ?? "";
  return [...expression.matchAll(/'([^']*)'/g)].map(([, text = ""]) => text);
}

const everyGrant = Object.keys(presets).flatMap((preset) =>
  [undefined, ...Object.keys(profiles)].map((profile) => {
    const parsed = aSpec({
      ...(profile === undefined ? {} : { profile }),
      workloads: [{ name: "web", preset }],
    });
    const [entry] = parsed.workloads;
    if (entry === undefined) throw new Error("the policy has an entry");
    return { name: `${preset}, ${profile ?? "no profile"}`, env: entriesFor(parsed, entry, 12) };
  }),
);

describe("every grant that we publish is one that the policy applies", () => {
  it.each(everyGrant)("$name", ({ env }) => {
    const known = listOf("knownNames");
    const words = listOf("settingWords");

    for (const { name, value } of env) {
      expect(known).toContain(name);
      expect(/^[0-9]{1,10}$/.test(value) || words.includes(`${name}=${value}`)).toBe(true);
    }
    expect(env.some(({ value }) => value === "12")).toBe(true);
  });
});

describe("the policy", () => {
  it("knows no name that a policy may not give, but for the settings of profiles", () => {
    const settings = Object.values(profiles).flatMap((one) => one.settings.map(({ name }) => name));
    const sizes = listOf("knownNames").filter((name) => !settings.includes(name));
    expect(sizes.filter(isForbiddenEnvironment)).toEqual([]);
  });

  it("does nothing more for a PoolPolicy that does not grant to the pod's workload", () => {
    const { expression = "" } =
      spec.matchConditions.find(({ name }) => name === "policy-grants") ?? {};
    expect(expression).toMatch(
      /o\.kind \+ '\/' \+ o\.name.*\.exists\(n, n in params\.status\.grants \|\| .*\)$/,
    );
  });

  it("never stops a pod, and runs again after others", () => {
    expect(spec).toMatchObject({ failurePolicy: "Ignore", reinvocationPolicy: "IfNeeded" });
  });

  it("uses no ApplyConfiguration, which would put a value beside a valueFrom", () => {
    expect(spec.mutations).toMatchObject([{ patchType: "JSONPatch" }]);
    expect(JSON.stringify(spec)).not.toContain("Object.");
  });

  it("defines each variable before it is used", () => {
    const defined = new Set<string>();
    for (const { name, expression } of spec.variables) {
      const used = [...expression.matchAll(/variables\.(\w+)/g)].map(([, variable]) => variable);
      for (const variable of used) expect([...defined]).toContain(variable);
      defined.add(name);
    }
  });

  it("is bound to the policies of the pod's own namespace, or to none", () => {
    expect(buildAdmissionPolicyBinding()["spec"]).toEqual({
      policyName: "poolwarden",
      paramRef: { selector: {}, parameterNotFoundAction: "Allow" },
    });
  });
});
