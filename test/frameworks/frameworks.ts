// The programs of examples/apps, and how each is run: with what its policy's preset writes into a
// pod, so that preset, program and library are tried together.
import type { WorkloadEntry } from "../../src/api/poolpolicy.ts";

export type Framework = {
  /** Also its name on the server. */
  readonly name: string;
  /** Below examples/apps. */
  readonly folder: string;
  readonly preset: NonNullable<WorkloadEntry["preset"]>;
  /** Of its second pool, if it has one. */
  readonly secondPrefix?: string;
  /** Programs of this machine without which it is left out. */
  readonly needs: readonly string[];
  /** Commands that install or build it, run in a copy of its folder. */
  readonly prepare: readonly (readonly string[])[];
  readonly run: readonly string[];
  /** It has a follower: see docs/followers.md. */
  readonly isLive: boolean;
  /** The server is a MariaDB, and not a PostgreSQL. */
  readonly isOnMariaDb?: true;
};

const python = (name: string): Framework => ({
  name,
  folder: name,
  preset: "generic",
  needs: ["python3"],
  prepare: [
    ["python3", "-m", "venv", "environment"],
    ["environment/bin/pip", "install", "--quiet", "--requirement", "requirements.txt"],
  ],
  run: ["environment/bin/python", "app.py"],
  isLive: true,
});

const springBoot = (name: "hikari" | "tomcat" | "dbcp2"): Framework => ({
  name,
  folder: "spring-boot",
  preset: name,
  needs: ["java", "mvn"],
  prepare: [["mvn", "--quiet", "--batch-mode", "package", "-P", name]],
  run: ["java", "-jar", "target/app.jar"],
  isLive: true,
});

/** The same program with a second pool, which is bound under a prefix of its own. */
function withSecondPool(name: "hikari" | "tomcat" | "dbcp2"): Framework {
  const secondPrefix = "spring.datasource.reports.pool";
  return { ...springBoot(name), name: `${name}-second-pool`, secondPrefix, isLive: false };
}

export const frameworks: readonly Framework[] = [
  python("asyncpg"),
  python("sqlalchemy"),
  python("psycopg"),
  {
    name: "node-postgres",
    folder: "node-postgres",
    preset: "generic",
    needs: ["node", "npm"],
    prepare: [["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]],
    run: ["node", "app.mjs"],
    isLive: true,
  },
  {
    name: "go",
    folder: "go",
    preset: "generic",
    needs: ["go"],
    prepare: [["go", "build", "-o", "app", "."]],
    run: ["./app"],
    isLive: true,
  },
  springBoot("hikari"),
  springBoot("tomcat"),
  springBoot("dbcp2"),
  { ...springBoot("hikari"), name: "hikari-mariadb", isOnMariaDb: true, isLive: false },
  ...(["hikari", "tomcat", "dbcp2"] as const).map(withSecondPool),
];
