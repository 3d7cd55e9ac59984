// The Database port on Redis and Valkey: INFO and CLIENT LIST in one round trip. Where the login
// may not list clients, the number of them is known all the same.

import { parseRedisUri, type RedisUri } from "../../domain/supply/redis-uri.ts";
import type { Database } from "../../ports.ts";
import { BrokenProtocol } from "../database/failures.ts";
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
import { clientsIn, type Info, readAnswer, readInfo } from "./answers.ts";
import { ClientList } from "./client-list.ts";
import { type Connection, openConnection } from "./connection.ts";
import { failureOf, ServerRefusal } from "./failures.ts";
import { Refusal, type Reply } from "./replies.ts";

/** Reads Redis from 6.2 on, and Valkey. */
export function createRedisDatabase(options: ReaderOptions): Database {
  return createReader(engine, options);
}

const engine: EngineReader<RedisUri> = {
  parse: parseRedisUri,
  open: async (settings, limits) => {
    return new RedisSession(await openConnection(settings, limits), settings);
  },
  failureOf,
};

class RedisSession implements Session {
  readonly #connection: Connection;
  readonly #settings: SessionSettings<RedisUri>;

  constructor(connection: Connection, settings: SessionSettings<RedisUri>) {
    this.#connection = connection;
    this.#settings = settings;
  }

  isOpen(): boolean {
    return this.#connection.isOpen();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async ask(question: Question, limits: Limits): Promise<Answer> {
    const { uri, busy } = this.#settings;
    let info: Info | undefined;
    const heard = (reply: Reply): void => {
      if (!(reply instanceof Refusal)) info = readInfo(reply);
    };
    const list = new ClientList(this.#connection.hello.id, () => (info ? clientsIn(info) : 0));
    const asked = [
      { words: ["INFO"], heard },
      { words: ["CLIENT", "LIST"], sink: list },
    ];
    const [told = null, listed = null] = await this.#connection.ask(asked, limits);
    if (told instanceof Refusal) throw new ServerRefusal(told.text);
    const seen = isListed(listed) ? list.groups : undefined;
    return busy.run(() => readAnswer(readInfo(told), seen, { question, user: uri.user }));
  }

  /** A refused list is part of each answer: a right that is given counts at the next reading. */
  asksLessAfter(): boolean {
    return false;
  }
}

/** False: the login may not list clients. */
function isListed(listed: Reply): boolean {
  if (typeof listed === "string") return true;
  if (!(listed instanceof Refusal)) throw new BrokenProtocol("no answer to CLIENT LIST");
  if (!listed.text.startsWith("NOPERM")) throw new ServerRefusal(listed.text);
  return false;
}
