// One drive of the operator on stores, and the answer that follows: shared by plans of manifests
// alone and by plans over what runs.

import { type HostPattern, parseHostPattern } from "../domain/supply/allowed-hosts.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import { withTexts } from "../domain/words/plain.ts";
import type { Cluster, Database } from "../ports.ts";
import { type Answer, answerOf } from "./answer.ts";
import { type Asked, recorded } from "./asked.ts";
import { assumedTierNotes } from "./assumed-tier.ts";
import type { Decided, PlanWorld } from "./decide.ts";
import { PlanClock } from "./plan-clock.ts";
import { createDeclaredDatabase, type GivenLimits } from "./declared-database.ts";
import { limitSource, namingFlag, partlyUseless, type Replaced } from "./given-limits.ts";
import type { LiveFleet } from "./live-fleet.ts";
import { ManifestCluster, type MissingData } from "./manifest-cluster.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import { notesOf } from "./notes.ts";
import { idOf, type Objects } from "./objects.ts";
import { pickingNotes } from "./picked-templates.ts";
import type { PlanRequest } from "./plan-arguments.ts";
import { createLimitsReader } from "./read-limits.ts";
import { type FilledSecrets, loginProblems, type LoginSources } from "./secrets.ts";
import { withMissingSecrets } from "./secrets.ts";
import { serviceNotes } from "./service-names.ts";
import { uselessLimits } from "./useless-limits.ts";
import { applyWhatIfs } from "./what-if.ts";

export interface Surroundings {
  /** Since the epoch. */
  readonly nowMs: number;
  /** For policies whose Secret is not among the manifests. */
  readonly uri: string | undefined;
  /** The real servers, for `--read`. */
  readonly openDatabase: () => Database;
  /** The real fleet, for `--against-cluster`. */
  readonly openFleet: (kubeconfig: string | undefined) => Promise<LiveFleet>;
}

export interface Given {
  readonly objects: Objects;
  readonly request: PlanRequest;
  readonly surroundings: Surroundings;
  /** Undefined: what is declared counts. */
  readonly database: Database | undefined;
}

export interface Foreseen<Decision extends Decided = Decided> {
  readonly stores: ManifestStores;
  readonly secrets: FilledSecrets;
  readonly decided: Decision;
  readonly asked: Asked;
  readonly missing: readonly MissingData[];
  readonly replaced: Replaced;
  /** Servers whose limits the operator has said. */
  readonly published?: ReadonlySet<ServerKey>;
  /** Of the what-ifs. */
  readonly notes: readonly string[];
}

export type Problems = { readonly problems: readonly string[] };

export interface Wanted {
  /** Of what is planned: the what-ifs are made in them. */
  readonly stores: ManifestStores;
  /** Of Secrets and ConfigMaps among the manifests. */
  readonly data: FilledSecrets["data"];
  /** What is known of logins without their Secrets. */
  readonly known?: LoginSources["known"];
}

/** Makes the what-ifs, and fills in the logins that no manifest has. */
export function prepared(
  { request, surroundings }: Given,
  { stores, data, known }: Wanted,
): Pick<Foreseen, "secrets" | "notes"> | Problems {
  const outcomes = applyWhatIfs(stores, request.whatIfs);
  const problems = outcomes.flatMap((one) => ("problem" in one ? [one.problem] : []));
  if (problems.length > 0) return { problems };
  const secrets = withMissingSecrets(stores, data, { said: surroundings.uri, known });
  // What runs has servers that a plan has nothing to do with.
  const refused = loginProblems(secrets, { reads: request.reads && !request.cluster });
  if (refused.length > 0) return { problems: refused };
  return { secrets, notes: outcomes.flatMap((one) => ("note" in one ? [one.note] : [])) };
}

export interface Drive<Decision extends Decided> {
  readonly stores: ManifestStores;
  /** Of Secrets and ConfigMaps. */
  readonly data: FilledSecrets["data"];
  readonly limits: GivenLimits;
  /** Instead of the database of `Given`; `declared`: of what is declared and published. */
  readonly databaseOf?: ((declared: Database, clock: PlanClock) => Database) | undefined;
  /** Where data is looked for that no manifest has. */
  readonly readData?: Cluster["readData"];
  /** Unless the operator has said otherwise. */
  readonly mayResize?: boolean;
  readonly decide: (world: PlanWorld) => Promise<Decision>;
}

export async function driven<Decision extends Decided>(
  { request, surroundings, database }: Given,
  { stores, data, limits, databaseOf, readData, mayResize = true, decide }: Drive<Decision>,
): Promise<Pick<Foreseen<Decision>, "decided" | "asked" | "missing">> {
  const { namespaceQuotas } = request;
  const clock = new PlanClock(surroundings.nowMs);
  const cluster = new ManifestCluster(stores, data, readData);
  let asked: Asked = { engines: new Map(), roles: new Set(), answered: new Set() };
  const decided = await decide({
    ...{ stores, clock, namespaceQuotas, cluster, allowedDatabaseHosts: ownMachine, mayResize },
    databaseFor: (known) => {
      const declared = createDeclaredDatabase({ limits, clock, ...known });
      const read = database && createLimitsReader(database, { clock, limits });
      const recording = recorded(databaseOf?.(declared, clock) ?? read ?? declared);
      asked = recording.asked;
      return recording.database;
    },
  });
  return { decided, asked, missing: cluster.missing };
}

/** Whoever plans reads from his own machine. */
const ownMachine: readonly HostPattern[] = ["*", "localhost", "127.0.0.0/8", "::1"].flatMap(
  (text) => {
    const pattern = parseHostPattern(text);
    return "kind" in pattern ? [] : [pattern];
  },
);

const nobody: ReadonlySet<ServerKey> = new Set();

/** `manifests`: what was given, where `objects` have what runs beside it. */
export function answerOn(
  { objects, request }: Given,
  foreseen: Foreseen,
  manifests: Objects["objects"] = objects.objects,
): Answer | Problems {
  const { stores, decided: decision, asked, replaced, notes, published = nobody } = foreseen;
  const { limits, namespace: usualNamespace } = request;
  const isOverLive = request.cluster !== undefined;
  const given = new Set(manifests.map(idOf));
  const noted = { objects, manifests, usualNamespace, isOverLive, ...foreseen };
  const useless = uselessLimits(limits, { plans: decision.plans, asked });
  const partly = asked.engines.size > 0 ? partlyUseless(limits, replaced.unread) : [];
  const answer = answerOf({
    ...{ objects, stores, decided: decision },
    isGiven: (object) => given.has(idOf(object)),
    limitFrom: (server) => limitSource(server, request, { ...asked, published }),
    notes: [
      ...useless,
      ...partly,
      ...assumedTierNotes(decision.plans.values(), limits.poolMode),
      ...notes,
      ...serviceNotes(decision.plans.values(), stores),
      ...notesOf(noted),
      ...pickingNotes(objects, isOverLive),
    ],
  });
  // What keeps a policy from an answer may be why a limit met nothing.
  if (useless.length > 0 && answer.exitStatus !== 2) return { problems: useless };
  const named = request.reads ? namingOperator : (text: string) => byName(namingOperator(text));
  return withTexts(answer, (text) => namingFlag(named(text), replaced));
}

/** Plan has no such flag. */
function namingOperator(text: string): string {
  return text.replaceAll("not in --allowed", "not in the operator's --allowed");
}

/** Where nothing is read, names are all that is known of a server. */
function byName(text: string): string {
  return text.replaceAll("(equal system_identifier and start)", "(names of one Service)");
}
