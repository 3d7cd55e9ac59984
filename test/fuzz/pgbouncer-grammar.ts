// What the console of a PgBouncer says: a login as PostgreSQL's, and a table for each command. What
// may become of a message is the same as with PostgreSQL; what a cell may hold is anything.

import type { Random } from "../../src/ports.ts";
import { drawFrom } from "./conversation.ts";
import type { Script } from "./hostile-server.ts";
import { pick } from "./pick.ts";
import {
  cstring,
  faults,
  int16,
  int32,
  logins,
  message,
  ready,
  types,
} from "./postgres-grammar.ts";

type Cells = Readonly<Record<string, string>>;

const client: Cells = {
  ...{ type: "C", user: "app", database: "orders", addr: "10.0.0.1", port: "1" },
  ...{ local_addr: "10.0.9.1", local_port: "6432", application_name: "web" },
};

/** In the order in which they are asked for. */
const tables: readonly (readonly Cells[])[] = [
  [{ version: "PgBouncer 1.26.1" }],
  [
    { key: "max_client_conn", value: "100" },
    { key: "so_reuseport", value: "0" },
    { key: "pool_mode", value: "session" },
    { key: "default_pool_size", value: "20" },
  ],
  [
    { list: "used_clients", items: "3" },
    { list: "login_clients", items: "1" },
  ],
  [client, client, { ...client, addr: "unix" }],
  [{ name: "app", max_user_client_connections: "7", pool_size: "", pool_mode: "session" }],
  [
    {
      ...{ name: "postgres", host: "10.0.8.1", port: "5432", force_user: "", pool_size: "20" },
      ...{ reserve_pool_size: "5", pool_mode: "", max_connections: "0" },
      ...{ current_connections: "3", max_client_connections: "0" },
    },
  ],
  [{ database: "postgres", user: "app", pool_mode: "session" }],
];

/** A conversation with about one fault in it, and how many messages it has. */
export function drawConsoleConversation(random: Random): { script: Script; frames: number } {
  const lying = random.next() < 0.5 ? -1 : Math.floor(random.next() * tables.length);
  const answers = tables.map((rows, place) => {
    return tableOf(place === lying ? lieIn(rows, random) : rows, random);
  });
  const { script, turns } = drawFrom(
    { turns: [...logins(random), ...answers], faults, greets: 0.05 },
    random,
  );
  return { script, frames: turns.reduce((sum, turn) => sum + new Set(turn).size, 0) };
}

function lieIn(rows: readonly Cells[], random: Random): readonly Cells[] {
  const wild = pick(random, [
    ...["", "-1", "1e99", "NaN", "unix", "\u202e".repeat(2_000), "1".repeat(100_000)],
    ...["a".repeat(200), "__proto__", "::1", "PgBouncer 1.1000.1", "999999999"],
  ]);
  const [first = {}, ...others] = rows;
  const column = pick(random, Object.keys(first));
  const renamed = pick(random, ["__proto__", "constructor", "toString", column]);
  const left = Object.entries(first).filter(([name]) => name !== column);
  const lied: Cells = Object.fromEntries([...left, [renamed, wild]]);
  return pick(random, [
    ...[[lied, ...others], [lied], [], [...rows, ...rows]],
    Array<Cells>(30_000).fill(lied),
  ]);
}

function tableOf(rows: readonly Cells[], random: Random): readonly Buffer[] {
  const names = Object.keys(rows[0] ?? { none: "" });
  const type = random.next() < 0.8 ? 25 : pick(random, Object.values(types));
  const columns = names.map((name) =>
    Buffer.concat([cstring(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]),
  );
  const frames = new Map<Cells, Buffer>();
  const frameOf = (row: Cells): Buffer => {
    const known =
      frames.get(row) ??
      rowOf(names.map((name) => (Object.hasOwn(row, name) ? (row[name] ?? "") : "")));
    frames.set(row, known);
    return known;
  };
  return [
    message("T", Buffer.concat([int16(names.length), ...columns])),
    ...rows.map(frameOf),
    message("C", cstring("SHOW")),
    ready,
  ];
}

function rowOf(values: readonly string[]): Buffer {
  const cells = values.map((text) => {
    const value = Buffer.from(text);
    return Buffer.concat([int32(value.length), value]);
  });
  return message("D", Buffer.concat([int16(values.length), ...cells]));
}
