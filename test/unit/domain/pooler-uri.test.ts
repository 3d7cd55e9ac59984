// One URI, read as that of a pooler: where it leads, it leads other programs as well.

import { expect, test } from "vitest";
import { meantUri } from "../../../src/api/engines.ts";
import { parsePoolerUri, poolersNamedIn } from "../../../src/domain/supply/pooler-uri.ts";

test.each([
  { written: "postgresql://w:p@pooler.shop.svc:6432/pgbouncer", server: "pooler.shop.svc:6432" },
  { written: "postgres://w:p@Pooler.shop.svc/orders", server: "pooler.shop.svc:5432" },
  { written: "pgbouncer://w:p@pooler.shop.svc:6432/orders", server: "pooler.shop.svc:6432" },
])("$written names $server", ({ written, server }) => {
  const meant = meantUri(written, "PgBouncer");
  expect(meant).toMatch(/^pgbouncer:\/\/w:p@/);
  const read = parsePoolerUri(` ${meant}\n`);
  expect(read).toMatchObject({ kind: "uri", uri: { server, user: "w" } });
  expect(poolersNamedIn(meant)).toEqual([server]);
});

test.each([
  { written: "mysql://u@db/orders", engine: "PgBouncer" },
  { written: "postgresql://u@db/orders", engine: "PostgreSQL" },
  { written: "postgresql://u@db/orders", engine: "MySQL" },
  { written: "s3cr3t", engine: "PgBouncer" },
] as const)("$written of a policy of $engine stays as it is", ({ written, engine }) => {
  expect(meantUri(written, engine)).toBe(written);
});

test("what is no URI is told what one looks like", () => {
  expect(parsePoolerUri("s3cr3t")).toMatchObject({ kind: "problem" });
});
