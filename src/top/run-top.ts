// `poolwarden top`: the fleet as its policies' statuses say it, on a terminal every two seconds
// until a key ends it, or once into a file or a pipe. It asks for nothing but policies, so whoever
// may list them may look, whether an operator runs or not.

import type { ObservedPolicy } from "../observed.ts";
import type { Clock, ListWatch } from "../ports.ts";
import type { PolicyReport } from "../render/pool-report.ts";
import { type FleetView, fleetViewOf } from "../render/fleet-view.ts";
import { screenOf, textOf } from "./screen.ts";
import { pressed, type ScreenState } from "./screen-state.ts";
import type { Terminal } from "./terminal.ts";
import { pause } from "../runtime/pause.ts";

export interface TopParts {
  readonly policies: Pick<ListWatch<ObservedPolicy>, "list">;
  /** Theirs; undefined: all. */
  readonly namespace?: string | undefined;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** What is looked at first: the filter, and the column that sorts. */
  readonly state: ScreenState;
}

const intervalMs = 2_000;

/**
 * Ends when a key ends it. Throws what the first look throws; later ones that fail are said on the
 * screen, and tried again.
 */
export async function runTop(parts: TopParts): Promise<void> {
  const { terminal, state, namespace } = parts;
  const fleet = await look(parts, AbortSignal.timeout(30_000));
  if (terminal.isInteractive) await new TopScreen(parts, fleet, state).show();
  else terminal.write(`${textOf(fleet, state, namespace).join("\n")}\n`);
}

async function look({ policies }: TopParts, signal: AbortSignal): Promise<FleetView> {
  const reports: PolicyReport[] = [];
  for await (const { objects } of policies.list(signal)) reports.push(...objects.map(reportOf));
  return fleetViewOf(reports);
}

function reportOf({ namespace, name, status }: ObservedPolicy): PolicyReport {
  return { namespace, name, status: status ?? {} };
}

/** What is on the screen now, and what the next key makes of it. */
class TopScreen {
  readonly #parts: TopParts;
  readonly #ended = new AbortController();
  #fleet: FleetView;
  #state: ScreenState;
  #trouble: string | undefined;

  constructor(parts: TopParts, fleet: FleetView, state: ScreenState) {
    this.#parts = parts;
    this.#fleet = fleet;
    this.#state = state;
  }

  async show(): Promise<void> {
    const close = this.#parts.terminal.open({
      onKey: (key) => {
        this.#press(key);
      },
      onResize: () => {
        this.#draw();
      },
    });
    try {
      this.#draw();
      while (!this.#ended.signal.aborted) await this.#lookAgain();
    } finally {
      close();
    }
  }

  #press(key: string): void {
    const next = pressed(this.#state, key);
    if (next === "quit") this.#ended.abort();
    else this.#state = next;
    this.#draw();
  }

  async #lookAgain(): Promise<void> {
    await pause(this.#parts.clock, intervalMs, this.#ended.signal);
    if (this.#ended.signal.aborted) return;
    try {
      this.#fleet = await look(this.#parts, this.#ended.signal);
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = `not up to date: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.#draw();
  }

  #draw(): void {
    const { terminal, namespace } = this.#parts;
    const screen = { ...terminal.size(), trouble: this.#trouble, namespace };
    terminal.draw(screenOf(this.#fleet, this.#state, screen));
  }
}
