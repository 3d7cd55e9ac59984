// The Database port on PostgreSQL 13 to 18: a question that a login may not ask, or a database
// cannot read, is put again with less in it.

import { parseConnectionUri, type ConnectionUri } from "../../domain/supply/connection-uri.ts";
import type { ClientsAtWork } from "../../domain/facts/facts.ts";
import type { Database } from "../../ports.ts";
import { codeOf } from "../database/failures.ts";
import type { Limits } from "../database/line.ts";
import {
  type Answer,
  createReader,
  type EngineReader,
  type Question,
  type ReaderOptions,
  type Session,
  type SessionSettings,
} from "../database/reader.ts";
import type { BusyTime } from "../database/busy-time.ts";
import { type Connection, openConnection } from "./connection.ts";
import { failureOf } from "./failures.ts";
import { readAnswer, readingSql, sessionOptions } from "./queries.ts";
import { clientsIn, workSql } from "./work.ts";

/** Reads PostgreSQL 13 to 18. */
export function createPostgresDatabase(options: ReaderOptions): Database {
  return createReader(engine, options);
}

const engine: EngineReader<ConnectionUri> = {
  parse: parseConnectionUri,
  open: async (settings, limits) => {
    const options = sessionOptions(settings.statementTimeoutMs);
    const connection = await openConnection({ ...settings, options }, limits);
    return new PostgresSession(connection, settings);
  },
  failureOf,
};

class PostgresSession implements Session {
  readonly #connection: Connection;
  readonly #busy: BusyTime;
  /** False once this login was refused the right to read what tells the server from others. */
  #withIdentifier = true;
  /** False once its database had no characters for a name that somebody asked for. */
  #withAnyName = true;

  constructor(connection: Connection, { busy }: SessionSettings<ConnectionUri>) {
    this.#connection = connection;
    this.#busy = busy;
  }

  isOpen(): boolean {
    return this.#connection.isOpen();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async ask(question: Question, limits: Limits): Promise<Answer> {
    const sql = readingSql(this.#withIdentifier);
    const asked = this.#withAnyName ? question : withPlainNames(question);
    const [row] = await this.#connection.query(sql, [asked.roles, asked.databases], limits);
    const { loginMethod, processId } = this.#connection;
    const answer = this.#busy.run(() => readAnswer(row, { ...asked, processId }));
    return { ...answer, ...(loginMethod === "md5" && { isLoginByMd5: true }) };
  }

  async lookAtWork(limits: Limits): Promise<readonly ClientsAtWork[]> {
    const [row] = await this.#connection.query(workSql, undefined, limits);
    return this.#busy.run(() => clientsIn(row));
  }

  /** Whether the question can be put in a way that the login may ask, and the database can read. */
  asksLessAfter(error: unknown): boolean {
    const code = codeOf(error);
    if (this.#withIdentifier && code === insufficientPrivilege) this.#withIdentifier = false;
    else if (this.#withAnyName && code !== undefined && noSuchCharacter.has(code))
      this.#withAnyName = false;
    else return false;
    return true;
  }
}

const insufficientPrivilege = "42501";
/** Of a name: a zero byte, or what the encoding of the login's database has no character for. */
const noSuchCharacter: ReadonlySet<string> = new Set(["22021", "22P05"]);

/** One policy's odd name takes nobody else's reading: its role or database is not known then. */
function withPlainNames({ roles, databases }: Question): Question {
  const isPlain = (name: string): boolean => /^[ -~]*$/.test(name);
  return { roles: roles.filter(isPlain), databases: databases.filter(isPlain) };
}
