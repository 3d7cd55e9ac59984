// Pools that Spring Boot makes: the variable is one of many property sources, and a property has
// many spellings.
import type { Where } from "./size-cases-of-clients.ts";
import { env, given, other, type Pair, type SizeCase, unseen } from "./size-cases.ts";

/** As each library calls it, and what it takes where nothing is set. */
const libraries = {
  hikari: { words: ["maximum-pool-size", "maximumPoolSize", "minimum-idle"], usual: 10 },
  tomcat: { words: ["max-active", "maxActive", "min-idle"], usual: 100 },
  dbcp2: { words: ["max-total", "maxTotal", "min-idle"], usual: 8 },
} as const;

interface Names {
  readonly variable: string;
  /** The property with dashes, as it is in Java, and the one of the minimum. */
  readonly dashed: string;
  readonly camel: string;
  readonly minimum: string;
  readonly run: readonly string[];
}

type Library = keyof typeof libraries;

/** Boot binds all three alike, so most of it is tried with one of them. */
export function springCases(library: Library) {
  const { words, usual } = libraries[library];
  const [dashed, camel, minimum] = words;
  const start = `spring.datasource.${library}`;
  return ({ uri }: Where, run: readonly string[]): readonly SizeCase[] => {
    const names = {
      variable: `SPRING_DATASOURCE_${library}_${camel}`.toUpperCase(),
      dashed: `${start}.${dashed}`,
      camel: `${start}.${camel}`,
      minimum: `${start}.${minimum}`,
      run,
    };
    const once = [...texts(names), ...shells(names), ...javaOptions(names), ...url(names, uri)];
    return [
      ...variables(names),
      ...programArguments(names),
      ...json(names),
      ...files(names, usual),
      ...zero(names, library),
      ...(library === "hikari" ? once : []),
    ];
  };
}

const oursOf = ({ variable }: Names): Pair => [variable, String(given)];
const overridden = { opens: other, isOverridden: true } as const;

function variables(names: Names): readonly SizeCase[] {
  const { variable, dashed } = names;
  const upper = variable.slice(0, variable.lastIndexOf("_") + 1);
  const word = dashed.slice(dashed.lastIndexOf(".") + 1).toUpperCase();
  const underscored = `${upper}${word.replaceAll("-", "_")}`;
  const spellings = [`${upper}${word}`, underscored, dashed, variable.toLowerCase()];
  return [
    { says: "the variable is the size", container: env([variable, "40"]), opens: other },
    ...spellings.flatMap((name): readonly SizeCase[] => [
      { says: `${name} is the size`, container: env([name, "40"]), opens: other },
      {
        says: `${name} beside ours: ours wins`,
        container: env(oursOf(names), [name, "40"]),
        opens: given,
      },
    ]),
  ];
}

/** What may stand in the variable beside a number. */
function texts({ variable }: Names): readonly SizeCase[] {
  return [
    {
      says: "a variable that refers to an earlier one has its value",
      container: env(["SIZE", "40"], [variable, "$(SIZE)"]),
      opens: other,
    },
    {
      says: "a placeholder of Spring Boot has what stands behind its colon",
      container: env([variable, "${POOL_SIZE:40}"]),
      opens: other,
    },
    {
      says: "or what the variable says that it names",
      container: env(["POOL_SIZE", "30"], [variable, "${POOL_SIZE:40}"]),
      opens: 30,
    },
    {
      says: "a decimal does not start, and counts as its number",
      container: env([variable, "40.0"]),
      opens: "nothing",
      counts: other,
    },
  ];
}

/** A number that is no size means something else to each library. */
function zero({ variable }: Names, library: Library): readonly SizeCase[] {
  if (library === "hikari") {
    return [{ says: "0 does not start", container: env([variable, "0"]), opens: "nothing" }];
  }
  const none = env([variable, "-1"]);
  if (library === "dbcp2") return [{ says: "-1 has no limit", container: none, opens: "no limit" }];
  return [
    { says: "0 is 100", container: env([variable, "0"]), opens: 100 },
    { says: "-1 is 100", container: none, opens: 100 },
  ];
}

function programArguments(names: Names): readonly SizeCase[] {
  const { dashed, camel, minimum, variable } = names;
  const ours = env(oursOf(names));
  return [
    {
      says: "an argument wins over ours",
      container: { ...ours, args: [`--${dashed}=40`] },
      ...overridden,
    },
    {
      says: "an argument as the property is spelled in Java wins over ours",
      container: { ...ours, args: [`--${camel}=40`] },
      ...overridden,
    },
    {
      says: "an argument that refers to our variable is no other size",
      container: { ...ours, args: [`--${dashed}=$(${variable})`] },
      opens: given,
    },
    {
      says: "a minimum above the size in an argument opens no more than the size",
      container: { ...ours, args: [`--${minimum}=20`] },
      opens: given,
    },
  ];
}

function shells(names: Names): readonly SizeCase[] {
  const { dashed, variable, run } = names;
  const line = run.join(" ");
  const ours = env(oursOf(names));
  return [
    {
      says: "an argument within a shell command wins over ours",
      container: { ...ours, command: ["sh", "-c", `exec ${line} --${dashed}=40`] },
      ...overridden,
    },
    {
      says: "an argument that the shell fills in wins over ours",
      container: { ...ours, command: ["sh", "-c", `exec ${line} --${dashed}=\${POOL_SIZE:-40}`] },
      ...overridden,
    },
    {
      says: "a shell that exports the variable anew wins over ours",
      container: { ...ours, command: ["sh", "-c", `export ${variable}=40; exec ${line}`] },
      ...overridden,
    },
    {
      says: "env before the program wins over ours",
      container: { ...ours, command: ["env", `${variable}=40`, ...run] },
      ...overridden,
    },
  ];
}

function javaOptions(names: Names): readonly SizeCase[] {
  const jar = names.run.slice(1);
  const property = `-D${names.dashed}=40`;
  const ours = oursOf(names);
  const shell = ["sh", "-c", `exec java $JAVA_OPTS ${jar.join(" ")}`];
  return [
    ...["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"].map((name) => ({
      says: `a property in ${name} wins over ours`,
      container: env(ours, [name, property]),
      ...overridden,
    })),
    {
      says: "a property in a variable that the command names wins over ours",
      container: { ...env(ours, ["JAVA_OPTS", property]), command: shell },
      ...overridden,
    },
    {
      says: "a property before -jar wins over ours",
      container: { ...env(ours), command: ["java"], args: [property, ...jar] },
      ...overridden,
    },
    {
      says: "a property behind the program is an argument of it",
      container: { ...env(ours), command: ["java", ...jar], args: [property] },
      opens: given,
    },
  ];
}

function json(names: Names): readonly SizeCase[] {
  const { dashed, run } = names;
  const ours = oursOf(names);
  const nested = dashed.split(".").reduceRight<unknown>((value, key) => ({ [key]: value }), other);
  const dotted = JSON.stringify({ [dashed]: other });
  const property = `-Dspring.application.json=${dotted}`;
  return [
    {
      says: "SPRING_APPLICATION_JSON with dots wins over ours",
      container: env(ours, ["SPRING_APPLICATION_JSON", dotted]),
      ...overridden,
    },
    {
      says: "SPRING_APPLICATION_JSON, nested, wins over ours",
      container: env(ours, ["SPRING_APPLICATION_JSON", JSON.stringify(nested)]),
      ...overridden,
    },
    {
      says: "JSON in a property wins over ours",
      container: { ...env(ours), command: ["java"], args: [property, ...run.slice(1)] },
      ...overridden,
    },
  ];
}

function url(names: Names, uri: string): readonly SizeCase[] {
  const text = `jdbc:${uri.replace(/\/\/.*@/, "//")}?maximumPoolSize=40`;
  return [
    {
      says: "a parameter of the URL is not read",
      container: env(oursOf(names), ["SPRING_DATASOURCE_URL", text]),
      opens: given,
    },
  ];
}

function files(names: Names, usual: number): readonly SizeCase[] {
  const ours = oursOf(names);
  const file: Pair = ["SPRING_CONFIG_IMPORT", "file:./sizes.properties"];
  return [
    { says: "ours wins over a file", container: env(ours, file), opens: given },
    { says: "a file alone is not seen", container: env(file), opens: unseen, counts: usual },
    {
      says: "a number in the code wins over ours, and is not seen",
      container: env(ours, ["SIZE_IN_CODE", String(unseen)]),
      opens: unseen,
      counts: given,
    },
  ];
}
