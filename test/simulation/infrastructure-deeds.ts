// Deeds of machines: the operator's process, the network, the API server, the databases, the nodes.

import type { DeedName } from "./deed-names.ts";
import type { ScenarioEvent } from "./scenario.ts";
import type { Stage } from "./stage.ts";
import type { SimulatedPostgres } from "./world/postgres.ts";

type Deed = (stage: Stage, event: ScenarioEvent) => void;

const killOperator: Deed = ({ operators }, { which, amount }) => {
  const process = operators.processes[which % Math.max(1, operators.processes.length)];
  operators.restartMs = 1_000 + Math.floor(amount * 60_000);
  process?.kill();
};

const killOperatorAtCall: Deed = ({ operators }, { which, amount }) => {
  const process = operators.processes[which % Math.max(1, operators.processes.length)];
  process?.killAtCall(Math.floor(amount * 12));
};

/** As by SIGSTOP: a paused virtual machine, a long garbage collection. */
const stopOperator: Deed = (stage, { which, forMs }) => {
  const { processes } = stage.operators;
  const process = processes[which % Math.max(1, processes.length)];
  process?.stop();
  stage.during(forMs, () => {
    process?.resume();
  });
};

const jumpClock: Deed = ({ operators }, { which, amount }) => {
  const process = operators.processes[which % Math.max(1, operators.processes.length)];
  process?.jumpClock(Math.round((amount - 0.5) * 4_000));
};

const cutDatabase: Deed = (stage, { forMs }) => {
  stage.weather(forMs, { isDatabaseCut: true });
};

const restartDatabase: Deed = (stage, event) => {
  stage.world.database(stage.serverOf(event)).restart(500 + Math.floor(event.amount * 20_000));
};

/** One API server sees what policies say late, but within the settle time. */
const delayAdmission: Deed = (stage, { which, amount, forMs }) => {
  const server = stage.world.apiServers[which % 2];
  if (!server) return;
  server.policyLagMs = Math.floor(amount * 0.8 * stage.fleet.settleTimeMs);
  stage.during(forMs, () => {
    server.policyLagMs = 0;
  });
};

const disableAdmission: Deed = (stage, { which, forMs }) => {
  const server = stage.world.apiServers[which % 2];
  if (!server?.admissionActive) return;
  stage.judge.hide();
  server.admissionActive = false;
  stage.during(forMs, () => {
    server.admissionActive = true;
    stage.judge.showAgain();
  });
};

const removeAdmission: Deed = (stage, { forMs }) => {
  if (
    !stage.fleet.hasAdmission ||
    stage.world.kinds.admissionPolicies.get("poolwarden") === undefined
  )
    return;
  stage.judge.hide();
  stage.world.removeAdmission();
  stage.during(forMs, () => {
    stage.world.installAdmission();
    stage.judge.showAgain();
  });
};

const openForeignSessions: Deed = (stage, event) => {
  const server = stage.serverOf(event);
  const address = `10.99.0.${event.which % 250}`;
  const login = { user: "analyst", database: "orders", applicationName: "psql", address };
  stage.judge.goBeyondPlan();
  const opened = stage.world.database(server).openForeign(login, 1 + Math.floor(event.amount * 25));
  stage.truth.noteForeign(server, login);
  stage.during(event.forMs, () => {
    stage.world.database(server).closeForeign(login, opened);
  });
};

const lowerMaxConnections: Deed = (stage, event) => {
  const database = stage.world.database(stage.serverOf(event));
  const { maxConnections } = database.settings;
  const lower = Math.max(20, Math.floor(maxConnections * (0.5 + event.amount / 2)));
  restartWith(stage, database, lower);
  stage.during(event.forMs + 5_000, () => {
    restartWith(stage, database, Math.max(maxConnections, database.settings.maxConnections));
  });
};

/** The limit is another one when the server is back: what was promised while it was down ends. */
function restartWith(stage: Stage, database: SimulatedPostgres, maxConnections: number): void {
  const downMs = 1_000;
  stage.judge.goBeyondPlan();
  stage.time.after(downMs, () => {
    stage.judge.goBeyondPlan();
  });
  database.restart(downMs, { maxConnections });
}

const failOver: Deed = (stage, event) => {
  stage.judge.goBeyondPlan();
  stage.world.database(stage.serverOf(event)).failOver(Math.floor(event.amount * 60_000));
};

const loseNode: Deed = (stage, { which, forMs }) => {
  const node = stage.world.nodes[which % stage.world.nodes.length] ?? "";
  stage.judge.goBeyondPlan();
  stage.world.loseNode(node);
  // Its pods are evicted, and replaced, when the cluster has given it up.
  const { evictMs, vanishMs } = stage.world.nodeTimes;
  for (const afterMs of [evictMs, evictMs + vanishMs]) {
    stage.time.after(afterMs, () => {
      stage.judge.goBeyondPlan();
    });
  }
  stage.during(forMs, () => {
    stage.judge.goBeyondPlan();
    stage.world.restoreNode(node);
  });
};

const startStrayOperator: Deed = (stage, { forMs }) => {
  stage.judge.goBeyondPlan();
  const stop = stage.operators.startStray();
  stage.during(forMs, () => {
    stage.judge.goBeyondPlan();
    stop();
  });
};

const slowControllers: Deed = (stage, { amount, forMs }) => {
  stage.world.controllerLagMs = () => 20 + Math.floor(amount * 5_000);
  stage.during(forMs, () => {
    stage.world.controllerLagMs = () => 20;
  });
};

/** With the lag of admission within the settle time. */
const watchLagMaxMs = 900;
const slowestWatchMs = 60_000;

/** Pods that started with a larger size are heard of after the settle time: beyond the promise. */
const slowWatches: Deed = (stage, { forMs, amount }) => {
  const lagMs = amount * slowestWatchMs;
  stage.judge.hide();
  stage.weather(forMs, { watchLagMs: [0, lagMs] });
  stage.during(forMs + lagMs, () => {
    stage.judge.showAgain();
  });
};

export const infrastructureDeeds = {
  killOperator,
  killOperatorAtCall,
  stopOperator,
  jumpClock,
  loseApiServer: (stage, { forMs }) => {
    stage.weather(forMs, { isApiServerDown: true });
    stage.world.breakWatches();
  },
  slowRequests: (stage, { forMs, amount }) => {
    stage.weather(forMs, { latencyMs: [10, 50 + amount * 3_000] });
  },
  lateWatches: (stage, { forMs, amount }) => {
    stage.weather(forMs, { watchLagMs: [0, amount * watchLagMaxMs] });
  },
  slowWatches,
  refuseRequests: (stage, { forMs, amount }) => {
    stage.weather(forMs, { refusalRate: amount * 0.6 });
  },
  loseAnswers: (stage, { forMs, amount }) => {
    stage.weather(forMs, { lostAnswerRate: amount * 0.5 });
  },
  repeatEvents: (stage, { forMs, amount }) => {
    stage.weather(forMs, { duplicateRate: amount * 0.5 });
  },
  breakWatches: (stage, { forMs, amount }) => {
    stage.weather(forMs, { breakRate: amount * 0.2 });
  },
  compactHistory: ({ world }) => {
    world.compact();
    world.breakWatches();
  },
  cutDatabase,
  restartDatabase,
  delayAdmission,
  slowControllers,
  openForeignSessions,
  lowerMaxConnections,
  failOver,
  loseNode,
  disableAdmission,
  removeAdmission,
  startStrayOperator,
} satisfies Partial<Record<DeedName, Deed>>;
