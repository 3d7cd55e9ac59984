// What the DNS of a tenant answers reaches the operator in an event of a socket, where whatever is
// thrown would end the process: each of these ends one reading.

import { expect, test } from "vitest";
import { mayConnect } from "../../../src/domain/supply/allowed-hosts.ts";
import type { ReaderOptions } from "../../../src/adapters/database/reader.ts";
import type { LookUp } from "../../../src/adapters/database/lookups.ts";
import { openDatabase, targetOf } from "../../support/postgres-readings.ts";

type MayConnect = Required<ReaderOptions>["mayConnect"];

function dnsOf(addresses: readonly string[]): LookUp {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  return (_host, _options, answer) => {
    setImmediate(answer, null, found);
  };
}

async function messageAt(addresses: readonly string[], allows: MayConnect): Promise<string> {
  const limits = { connectTimeoutMs: 100, queryTimeoutMs: 100 };
  await using database = openDatabase({ ...limits, lookUp: dnsOf(addresses), mayConnect: allows });
  // A port at which nobody listens, in case that an address is one of this machine.
  const outcome = await database.read(
    targetOf("postgresql://app:x@db.tenant.example:9/app?sslmode=disable"),
  );
  return outcome.kind === "read" ? "read" : outcome.message;
}

const usual: MayConnect = (server, address) => mayConnect(server, address, []);

test.each([
  { name: "a mapped loopback address", address: "::ffff:127.0.0.1" },
  { name: "a compatible address", address: "::10.0.0.1" },
  { name: "an address of a network link", address: "fe80::1%eth0" },
  { name: "no address", address: "db.shop.svc" },
])("$name is not contacted", async ({ address }) => {
  expect(await messageAt([address], usual)).toContain("was not contacted");
});

test("a mapped address is a failed reading like any other where nobody answers", async () => {
  expect(await messageAt(["::ffff:192.0.2.1"], usual)).toContain("could not be reached");
});

test("what is thrown in an event of the line ends the reading", async () => {
  const throws = (): boolean => {
    throw new Error("no such address");
  };
  expect(await messageAt(["192.0.2.1"], throws)).toContain("no such address");
});

test("of a name with thousands of addresses a few are looked at", async () => {
  const addresses = Array.from(
    { length: 4_000 },
    (_, place) => `10.0.${place >> 8}.${place & 255}`,
  );
  const looked: string[] = [];
  await messageAt(addresses, (_server, address) => {
    looked.push(address);
    return looked.length <= 40;
  });
  expect(looked.length).toBeGreaterThan(0);
  expect(looked.length).toBeLessThanOrEqual(32);
});
