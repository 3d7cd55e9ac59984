// Defects in what a client of a shared server may say or leave behind without anybody else's loss.

import type { Mutant } from "./mutant.ts";

export const wireMutants: readonly Mutant[] = [
  {
    name: "a long name of a client of Redis hides what stands behind it",
    file: "src/adapters/redis/lines.ts",
    from: "if (!this.#shorten()) return;",
    to: "return;",
  },
  {
    name: "all sections of INFO are asked for",
    file: "src/adapters/redis/database.ts",
    from: 'words: ["INFO", section]',
    to: 'words: ["INFO", section.length > 0 ? "all" : section]',
  },
  {
    name: "a long application_name on a pooler fails its reading",
    file: "src/adapters/pgbouncer/answer.ts",
    from: 'textCut(row["application_name"] ?? "", nameMax)',
    to: 'text(row["application_name"] ?? "").slice(0, nameMax)',
  },
  {
    name: "a list of clients that is too long fails the reading of a Redis",
    file: "src/adapters/redis/database.ts",
    from: "if (!(error instanceof TooLongAnswer) || !list.isBegun) throw error;",
    to: "throw error;",
  },
  {
    name: "an answer that was too long is asked for at each reading",
    file: "src/adapters/database/long-answers.ts",
    from: "this.#clock.monotonicMs() + pauseMs",
    to: "this.#clock.monotonicMs()",
  },
  {
    name: "a pooler whose pools are not known may open none",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: "isKnown ? (maySlots.get(server) ?? 0) : this.#mostOf(entries)",
    to: "isKnown || !isKnown ? (maySlots.get(server) ?? 0) : this.#mostOf(entries)",
  },
  {
    name: "a pooler to which very many connect without a login is not read",
    file: "src/adapters/pgbouncer/answer.ts",
    from: "Math.min(inLogin(lists), maxClients)",
    to: "inLogin(lists)",
  },
  {
    name: "what is left out of a list of clients is foreign",
    file: "src/domain/supply/session-sorting.ts",
    from: "return isInPart === true && isNameless(group);",
    to: "return isInPart !== true && isInPart === true && isNameless(group);",
  },
  {
    name: "kinds of clients beyond all reason are kept",
    file: "src/adapters/database/session-kinds.ts",
    from: "if (this.#addWithin(kindsMax, ",
    to: "if (this.#addWithin(Infinity, ",
  },
];
