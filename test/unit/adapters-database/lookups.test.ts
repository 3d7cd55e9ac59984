// A name whose DNS is silent is looked up for a minute, on a thread that others need. What is said
// of it here goes through the port: readings that are given up, and one of somebody else.

import { expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createRealDatabases } from "../../../src/process.ts";
import { createPostgresDatabase } from "../../../src/adapters/postgres/database.ts";
import type { LookUp } from "../../../src/adapters/database/lookups.ts";
import type { Database, DatabaseOutcome } from "../../../src/ports.ts";

/** Looks no name up until it is told to, and then finds none. */
class SilentDns {
  readonly asked: string[] = [];
  readonly #answers: (() => void)[] = [];

  readonly lookUp: LookUp = (host, _options, answer) => {
    this.asked.push(host);
    const error = Object.assign(new Error(`no ${host}`), { code: "ENOTFOUND" });
    this.#answers.push(() => {
      answer(error, "", 4);
    });
  };

  giveUp(): void {
    for (const answer of this.#answers.splice(0)) answer();
  }
}

interface World {
  readonly dns: SilentDns;
  readonly database: Database;
  readonly read: (host: string, ...askedBy: readonly string[]) => Promise<DatabaseOutcome>;
}

function openWorld(): World {
  const dns = new SilentDns();
  const limits = { connectTimeoutMs: 20, queryTimeoutMs: 20 };
  const database = createPostgresDatabase({ clock: systemClock, lookUp: dns.lookUp, ...limits });
  const read: World["read"] = (host, ...askedBy) => {
    const uri = `postgresql://app:x@${host}/x`;
    return database.read({
      server: `${host}:5432`,
      uri,
      ca: undefined,
      roles: [],
      databases: [],
      askedBy,
    });
  };
  return { dns, database, read };
}

test("silent names of one namespace take two look-ups, also after their readings", async () => {
  const { dns, read } = openWorld();
  for (const host of ["s1.evil", "s2.evil", "s3.evil", "s4.evil"]) {
    expect(await read(host, "evil")).toMatchObject({ reason: "DatabaseUnreachable" });
  }
  expect(dns.asked).toEqual(["s1.evil", "s2.evil"]);

  await read("db.shop", "shop");
  expect(dns.asked).toEqual(["s1.evil", "s2.evil", "db.shop"]);
});

test("a name that two namespaces name waits in the shorter of their queues", async () => {
  const { dns, read } = openWorld();
  for (const host of ["s1.evil", "s2.evil"]) await read(host, "evil");
  await read("db.shop", "evil", "shop");
  expect(dns.asked).toContain("db.shop");
});

test("one name is looked up once at a time, and again when that has ended", async () => {
  const { dns, read } = openWorld();
  for (let time = 0; time < 3; time++) await read("s1.evil", "evil");
  expect(dns.asked).toEqual(["s1.evil"]);

  dns.giveUp();
  await read("s1.evil", "evil");
  expect(dns.asked).toEqual(["s1.evil", "s1.evil"]);
});

test("who waits has his turn when a look-up ends, and who gave up has none", async () => {
  const { dns, read } = openWorld();
  for (const host of ["s1.evil", "s2.evil", "s3.evil"]) await read(host, "evil");
  const waiting = read("s4.evil", "evil");
  await Promise.resolve();
  dns.giveUp();
  await waiting;
  expect(dns.asked).toEqual(["s1.evil", "s2.evil", "s4.evil"]);
});

test("names of servers of all engines together take no more threads of a namespace", async () => {
  const dns = new SilentDns();
  const limits = { connectTimeoutMs: 20, queryTimeoutMs: 20 };
  const database = createRealDatabases({ clock: systemClock, lookUp: dns.lookUp, ...limits });
  const uris = ["postgresql", "mysql", "redis", "pgbouncer"].flatMap((scheme) =>
    [1, 2].map((place) => `${scheme}://app:x@${scheme}-${place}/x`),
  );
  await Promise.all(
    uris.map((uri) =>
      database.read({
        ...{ server: uri, uri, ca: undefined, roles: [], databases: [] },
        askedBy: ["evil"],
      }),
    ),
  );
  expect(dns.asked).toHaveLength(2);
  dns.giveUp();
  await database.close();
});
