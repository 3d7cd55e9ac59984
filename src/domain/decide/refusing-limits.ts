// What refuses logins, each with what really runs within it: the server, when all its slots for
// ordinary logins are taken, and each CONNECTION LIMIT of a role or a database, when those that log
// in with it have taken it. Each is counted against its own logins alone: sessions of others take
// nothing from a CONNECTION LIMIT, and what the server has left says nothing of one. Pods of which
// it is not known what they log in with count in each.
// A declared part of a server and a namespace's quota refuse nobody, so they are not among these:
// they bound the plan (capacity.ts, namespace-quotas.ts).

import { ordinarySlots } from "../supply/withheld.ts";
import type { Capacity } from "../supply/capacity.ts";
import { type LimitedLogin, limitedLogins, sayLimit } from "../supply/connection-limits.ts";
import type { PolicyFacts, ServerWord, Snapshot } from "../facts/facts.ts";
import type { ForeignSessions } from "../supply/foreign.ts";
import { circlesOf, type LoginCircle } from "../supply/login-circles.ts";
import { type LoginSessions, loginSessionsOf } from "../supply/login-sessions.ts";
import { ownAmong } from "../demand/own-positions.ts";
import { ownSlots } from "../supply/own-sessions.ts";
import type { Position } from "../demand/position.ts";
import { engineOf } from "../supply/server-engine.ts";
import { type Running, runningOf } from "./running.ts";

interface Scene {
  readonly snapshot: Snapshot;
  readonly positions: readonly Position[];
  readonly capacity: Pick<Capacity, "maxConnections" | "withheld">;
  readonly foreign: Pick<ForeignSessions, "slotsNow" | "ghostSlots" | "hiddenSlots">;
  readonly ownSessions: number;
  readonly nowMs: number;
}

/** The server first, then limits of roles and of databases that can be full before it is. */
export function runningWithinLimits(scene: Scene): readonly Running[] {
  const { snapshot, positions, capacity, foreign, ownSessions, nowMs } = scene;
  const limitSlots = ordinarySlots(capacity);
  const running = runningOf(positions, { limitSlots }, { ...foreign, ownSessions }, nowMs);
  const server = saidFull(snapshot, running);
  const { reading } = snapshot.database;
  if (!reading) return [server];
  const smaller = limitedLogins(reading).filter(({ limit }) => limit < limitSlots);
  const sessions = loginSessionsOf(snapshot);
  const ofLogins = smaller.flatMap((login) =>
    runningOfLogin(login, { ...scene, reading, sessions }),
  );
  return [server, ...ofLogins];
}

/** It has refused our own login by now, whatever the reading before it showed. */
function saidFull({ database }: Snapshot, server: Running): Running {
  if (database.failure?.reason !== "TooManyConnections") return server;
  return { ...server, slots: Math.max(server.slots, server.limitSlots) };
}

interface LoginScene extends Scene {
  readonly reading: ServerWord;
  readonly sessions: LoginSessions;
}

function runningOfLogin(login: LimitedLogin, scene: LoginScene): Running[] {
  const circles = circlesOf(scene.snapshot, login);
  return circles.flatMap((circle) => runningOfCircle(login, circle, scene));
}

function runningOfCircle(
  login: LimitedLogin,
  circle: LoginCircle,
  { snapshot, positions, reading, sessions, nowMs }: LoginScene,
): Running[] {
  const { limit } = login;
  const of = ({ key }: PolicyFacts): Position[] =>
    ownAmong(positions, key).map(({ position }) => position);
  const own = circle.policies.flatMap(of);
  const unknown = circle.possible.flatMap(of);
  const counted = [...own, ...unknown];
  if (counted.length === 0) return [];
  const ownSessions = ownSlots(reading.ownSessions, login);
  const others = { ...sessions.nowWithin(login, circle), ownSessions };
  const limited = {
    limitSlots: limit,
    limitedBy: sayLimit(login, engineOf(snapshot)),
    members: new Set(counted.map(({ pool }) => pool.poolKey)),
  };
  const running = runningOf(own, limited, others, nowMs);
  return [withUnknown(running, runningOf(unknown, limited, nobody, nowMs))];
}

const nobody = { slotsNow: 0, ghostSlots: 0, ownSessions: 0 };

/** They count in what a roll has to fit beside, and not in what is known to stay too large. */
function withUnknown(running: Running, { slots: possibleSlots }: Running): Running {
  if (possibleSlots === 0) return running;
  return { ...running, slots: running.slots + possibleSlots, possibleSlots };
}
