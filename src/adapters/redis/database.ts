// The Database port on Redis and Valkey: INFO and CLIENT LIST in one round trip. Where the login
// may not list clients, or the list is too long, the number of them is known all the same.

import { parseRedisUri, type RedisUri } from "../../domain/supply/redis-uri.ts";
import type { Database } from "../../ports.ts";
import { BrokenProtocol, TooLongAnswer } from "../database/failures.ts";
import type { Limits } from "../database/line.ts";
import { LongAnswers } from "../database/long-answers.ts";
import {
  type Answer,
  createReader,
  type EngineReader,
  type Question,
  type ReaderOptions,
  type Session,
  type SessionSettings,
} from "../database/reader.ts";
import { clientsIn, readAnswer, type Seen } from "./answers.ts";
import { ClientList } from "./client-list.ts";
import { type Asked, type Connection, openConnection } from "./connection.ts";
import { failureOf, ServerRefusal } from "./failures.ts";
import { checkInfo, InfoLines, infoSections } from "./info.ts";
import { Refusal, type Reply } from "./replies.ts";

/** Reads Redis from 6.2 on, and Valkey. */
export function createRedisDatabase(options: ReaderOptions): Database {
  return createReader(engineWith(new LongAnswers(options.clock)), options);
}

function engineWith(long: LongAnswers): EngineReader<RedisUri> {
  return {
    parse: parseRedisUri,
    open: async (settings, limits) => {
      return new RedisSession(await openConnection(settings, limits), settings, long);
    },
    failureOf,
    forget: (server) => {
      long.forget(server);
    },
  };
}

const listing = ["CLIENT", "LIST"];

class RedisSession implements Session {
  readonly #connection: Connection;
  readonly #settings: SessionSettings<RedisUri>;
  readonly #long: LongAnswers;

  constructor(connection: Connection, settings: SessionSettings<RedisUri>, long: LongAnswers) {
    this.#connection = connection;
    this.#settings = settings;
    this.#long = long;
  }

  isOpen(): boolean {
    return this.#connection.isOpen();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async ask(question: Question, limits: Limits): Promise<Answer> {
    const { uri, busy } = this.#settings;
    const info = new InfoLines();
    const seen = await this.#listed(info, limits);
    const told = { question, user: uri.user };
    return busy.run(() => readAnswer(checkInfo(info.values), seen, told));
  }

  /** Undefined: the login may not list clients. */
  async #listed(info: InfoLines, limits: Limits): Promise<Seen | undefined> {
    const { server } = this.#settings.uri;
    const list = new ClientList(this.#connection.hello.id, () => clientsIn(info.values));
    const asked = infoSections.map((section): Asked => ({ words: ["INFO", section], sink: info }));
    const isListed = !this.#long.has(server, listing.join(" "));
    if (isListed) asked.push({ words: listing, sink: list });
    const replies = await this.#connection.ask(asked, limits).catch((error: unknown) => {
      // All but the list is known by then. The session is closed: the rest of it is nobody's.
      if (!(error instanceof TooLongAnswer) || !list.isBegun) throw error;
      this.#long.note(server, listing.join(" "));
    });
    if (!replies) return { groups: [], isInPart: true };
    replies.slice(0, infoSections.length).forEach(expectInfo);
    if (!isListed) return { groups: [], isInPart: true };
    return mayList(replies.at(-1) ?? null) ? list : undefined;
  }

  /** A refused list is part of each answer: a right that is given counts at the next reading. */
  asksLessAfter(): boolean {
    return false;
  }
}

function expectInfo(told: Reply): void {
  if (told instanceof Refusal) throw new ServerRefusal(told.text);
  if (typeof told !== "string") throw new BrokenProtocol("no answer to INFO");
}

/** False: the login may not list clients. */
function mayList(listed: Reply): boolean {
  if (typeof listed === "string") return true;
  if (!(listed instanceof Refusal)) throw new BrokenProtocol("no answer to CLIENT LIST");
  if (!listed.text.startsWith("NOPERM")) throw new ServerRefusal(listed.text);
  return false;
}
