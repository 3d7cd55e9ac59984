// Which engine's rules a connection URI is read by.

import { expect, test } from "vitest";
import { uriReaderFor } from "../../../src/domain/supply/connection-uris.ts";

test.each(["postgresql://app@db/orders", "postgres://app@db:5432/orders"])(
  "%s is read as PostgreSQL's",
  (text) => {
    const reader = uriReaderFor(` ${text}\n`, "PostgreSQL");
    expect(reader.read(text, {})).toMatchObject({
      kind: "uri",
      uri: { server: "db:5432", user: "app", database: "orders" },
    });
    expect(reader.namedIn(text)).toEqual(["db:5432"]);
  },
);

test("what begins with no engine's scheme is told what the policy's engine takes", () => {
  const text = "mongodb://app:secret@db/orders";
  const answer = uriReaderFor(text, "PostgreSQL").read(text, {});
  expect(answer).toMatchObject({ kind: "problem" });
  expect(JSON.stringify(answer)).toContain("write postgresql://user:password@host:port/database");
  expect(JSON.stringify(answer)).not.toContain("secret@");
});
