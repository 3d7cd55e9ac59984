// The Database port on MySQL and MariaDB: one statement for both, and less of it where the login
// may not read the limits of other users.

import { type MysqlUri, parseMysqlUri } from "../../domain/supply/mysql-uri.ts";
import type { ClientsAtWork } from "../../domain/facts/facts.ts";
import type { Database } from "../../ports.ts";
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
import { type Connection, openConnection } from "./connection.ts";
import { failureOf, lacksRight, TooOld } from "./failures.ts";
import { OwnThreads } from "./own-threads.ts";
import { columnCount, readAnswer, readingSql } from "./queries.ts";
import { clientsIn, workSql } from "./work.ts";

/** Reads MySQL from 8.0 and MariaDB from 10.5 on. */
export function createMysqlDatabase(options: ReaderOptions): Database {
  const threads = new OwnThreads();
  const engine: EngineReader<MysqlUri> = {
    parse: parseMysqlUri,
    open: async (settings, limits) => {
      const connection = await openConnection({ ...settings, columns: columnCount }, limits);
      threads.note(settings.uri.server, connection.greeting.thread);
      const session = new MysqlSession(connection, settings, threads);
      if (!isOld(connection.greeting.version)) return session;
      await session.close();
      throw new TooOld(connection.greeting.version);
    },
    failureOf,
    forget: (server) => {
      threads.forget(server);
    },
  };
  return createReader(engine, options);
}

/** MariaDB before 11 puts 5.5.5- in front of its version, for old replicas of MySQL. */
function isOld(version: string): boolean {
  const isMariaDb = /mariadb/i.test(version);
  const [, major, minor] = /^(?:5\.5\.5-(?=1\d\.))?(\d{1,3})\.(\d{1,3})/.exec(version) ?? [];
  const number = Number(major ?? 0) * 100 + Number(minor ?? 0);
  return number < (isMariaDb ? 1_005 : 800);
}

class MysqlSession implements Session {
  readonly #connection: Connection;
  readonly #settings: SessionSettings<MysqlUri>;
  readonly #threads: OwnThreads;
  /** False once this login was refused the right to read the limits of others. */
  #withUsers = true;
  /** The same of the transactions of all. */
  #withTransactions = true;

  constructor(connection: Connection, settings: SessionSettings<MysqlUri>, threads: OwnThreads) {
    this.#connection = connection;
    this.#settings = settings;
    this.#threads = threads;
  }

  isOpen(): boolean {
    return this.#connection.isOpen();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async ask(question: Question, limits: Limits): Promise<Answer> {
    const { uri, statementTimeoutMs, busy, applicationName } = this.#settings;
    const threads = this.#threads.of([uri.server, ...(question.names ?? [])]);
    const asking = { withUsers: this.#withUsers, threads, timeoutMs: statementTimeoutMs };
    const row = await this.#connection.query(readingSql(question, asking), limits);
    return busy.run(() => readAnswer(row, question, applicationName));
  }

  async lookAtWork(limits: Limits): Promise<readonly ClientsAtWork[]> {
    const { statementTimeoutMs, busy } = this.#settings;
    const sql = workSql(this.#withTransactions, statementTimeoutMs);
    try {
      const row = await this.#connection.query(sql, limits);
      return busy.run(() => clientsIn(row));
    } catch (error) {
      if (!this.#withTransactions || !lacksRight(error)) throw error;
      this.#withTransactions = false;
      return await this.lookAtWork(limits);
    }
  }

  asksLessAfter(error: unknown): boolean {
    if (!this.#withUsers || !lacksRight(error)) return false;
    this.#withUsers = false;
    return true;
  }
}
