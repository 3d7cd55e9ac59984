// Consoles of poolers that say what a test wants, each at an address of its own on one port, as the
// pods of a pooler are. On Linux all of 127.0.0.0/8 is this machine.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { cstring, int16, int32, loggedIn, message, ready } from "../fuzz/postgres-grammar.ts";

export type Cells = Readonly<Record<string, string>>;

export interface HostileConsole {
  readonly address: string;
  /** Before anybody is let in. */
  readonly loginDelayMs?: number;
  readonly answer: (command: string) => Buffer;
}

export interface HostileConsoles extends AsyncDisposable {
  readonly port: number;
  /** Sessions that are open at this address. */
  openAt(address: string): number;
}

export async function startHostileConsoles(
  consoles: readonly HostileConsole[],
): Promise<HostileConsoles> {
  const open = new Map<string, Set<Socket>>();
  const servers: Server[] = [];
  let port = 0;
  for (const one of consoles) {
    const sockets = new Set<Socket>();
    open.set(one.address, sockets);
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      serve(socket, one);
    });
    server.listen(port, one.address);
    await once(server, "listening");
    servers.push(server);
    ({ port } = server.address() as AddressInfo);
  }
  return {
    port,
    openAt: (address) => open.get(address)?.size ?? 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of [...open.values()].flatMap((one) => [...one])) socket.destroy();
      await Promise.all(servers.map((server) => once(server.close(), "close")));
    },
  };
}

function serve(socket: Socket, { loginDelayMs = 0, answer }: HostileConsole): void {
  let kept: Buffer | undefined;
  socket.on("data", (piece: Buffer) => {
    if (!kept) {
      kept = Buffer.alloc(0);
      setTimeout(() => socket.write(Buffer.concat([loggedIn, ready])), loginDelayMs);
      return;
    }
    kept = Buffer.concat([kept, piece]);
    while (kept.length >= 5 && kept.length > kept.readUInt32BE(1)) {
      const end = 1 + kept.readUInt32BE(1);
      if (kept[0] === "Q".charCodeAt(0)) socket.write(answer(kept.toString("utf8", 5, end - 1)));
      kept = kept.subarray(end);
    }
  });
}

/** What a pooler in order says. */
export function goodAnswer(command: string): Buffer {
  const client = { ...{ user: "app", database: "orders", addr: "10.0.0.1" }, local_addr: "::1" };
  const tables: Readonly<Record<string, readonly Cells[]>> = {
    "SHOW VERSION": [{ version: "PgBouncer 1.26.1" }],
    "SHOW CONFIG": [{ key: "max_client_conn", value: "250000" }],
    "SHOW LISTS": [{ list: "login_clients", items: "0" }],
    "SHOW CLIENTS": [{ ...client, application_name: "web" }],
    "SHOW USERS": [{ name: "app", max_user_client_connections: "7" }],
    "SHOW DATABASES": [
      { ...{ name: "orders", host: "10.0.8.1", port: "5432" }, max_client_connections: "0" },
    ],
    "SHOW POOLS": [{ database: "orders", user: "app" }],
  };
  return tableOf(tables[command] ?? []);
}

/** All rows have the columns of the first. */
export function tableOf(rows: readonly Cells[]): Buffer {
  const names = Object.keys(rows[0] ?? { none: "" });
  const columns = names.map((name) =>
    Buffer.concat([cstring(name), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]),
  );
  const rowOf = (cells: Cells): Buffer => {
    const values = names.map((name) => Buffer.from(cells[name] ?? ""));
    const parts = values.flatMap((value) => [int32(value.length), value]);
    return message("D", Buffer.concat([int16(names.length), ...parts]));
  };
  const head = message("T", Buffer.concat([int16(names.length), ...columns]));
  return Buffer.concat([head, ...rows.map(rowOf), message("C", cstring("SHOW")), ready]);
}
