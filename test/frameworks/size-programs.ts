// Programs that print the size of their pool, made of the examples and what stands in `programs`,
// and the cases of each: what its library reads, and Poolwarden's reader must know.
import type { WorkloadEntry } from "../../src/api/poolpolicy.ts";
import { frameworks, type Framework } from "./frameworks.ts";
import { springCases } from "./size-cases-of-spring.ts";
import * as clients from "./size-cases-of-clients.ts";
import type { SizeCase } from "./size-cases.ts";

export interface SizeProgram extends Pick<Framework, "name" | "folder" | "needs" | "prepare"> {
  readonly sources: readonly string[];
  /** Of the policy. */
  readonly entry: Pick<Partial<WorkloadEntry>, "preset" | "env">;
  readonly run: readonly string[];
  readonly casesAt: (where: clients.Where, run: readonly string[]) => readonly SizeCase[];
}

const overlays = "test/frameworks/programs";

function ofExample(
  name: string,
  last: string,
  how: Pick<SizeProgram, "casesAt"> & Partial<Pick<SizeProgram, "entry">>,
): SizeProgram {
  const example = frameworks.find((one) => one.name === name);
  if (!example) throw new Error(`no example ${name}`);
  const { folder, needs, prepare, preset } = example;
  const run = [...example.run.slice(0, -1), last];
  const sources = [`examples/apps/${folder}`, `${overlays}/${folder}`];
  const entry = { preset };
  return { name: `${name} settings`, folder, needs, prepare, sources, run, entry, ...how };
}

const overflow = { maxSize: "DB_POOL_MAX_SIZE", overflow: "DB_MAX_OVERFLOW" };

/** Its pool is made of the URL alone. */
const tortoise: SizeProgram = {
  ...ofExample("asyncpg", "size.py", { casesAt: clients.tortoiseCases }),
  name: "tortoise settings",
  folder: "tortoise",
  sources: [`${overlays}/tortoise`],
};

export const sizePrograms: readonly SizeProgram[] = [
  ofExample("asyncpg", "size.py", { casesAt: clients.asyncpgCases }),
  ofExample("sqlalchemy", "size.py", {
    casesAt: clients.sqlalchemyCases,
    entry: { env: overflow },
  }),
  ofExample("psycopg", "size.py", { casesAt: clients.psycopgCases }),
  tortoise,
  ofExample("node-postgres", "size.ts", { casesAt: clients.nodePostgresCases }),
  ...(["hikari", "tomcat", "dbcp2"] as const).map((name) =>
    ofExample(name, "target/app.jar", { casesAt: springCases(name) }),
  ),
];
