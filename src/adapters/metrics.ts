// The Metrics port on prom-client. The registry is our own, not the library's global one, so that
// two operators in one process (tests, simulation) do not count into each other. Names and labels
// are checked against the table: a typing error would be a series that no alert ever looks at. In
// operation such a fault of ours is told in the log, and costs nothing but that measure.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { invariant } from "../errors.ts";
import type { Log, Metrics } from "../ports.ts";
import { metricDefinitions } from "./metric-names.ts";
import type { MetricDefinition, MetricKind } from "./metric-names.ts";

export interface MetricsService {
  readonly metrics: Metrics;
  /** Everything in the text format that Prometheus scrapes. */
  readonly render: () => Promise<string>;
  /** The Content-Type of that text. */
  readonly contentType: string;
}

/**
 * Registers all measures of metric-names.ts and the process's own. Each call of `metrics` must name
 * a measure of the right kind with exactly its labels; else it throws INVARIANT_VIOLATED, or, with
 * a log, says so there once for each measure.
 */
export function createMetrics(log?: Pick<Log, "error">): MetricsService {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = new PrometheusMetrics(registry);
  return {
    metrics: log ? harmless(metrics, log) : metrics,
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Labels = Readonly<Record<string, string>>;

class PrometheusMetrics implements Metrics {
  readonly #counters: ReadonlyMap<string, Counter>;
  readonly #gauges: ReadonlyMap<string, Gauge>;
  readonly #histograms: ReadonlyMap<string, Histogram>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#counters = byName("counter", (definition) => {
      const counter = new Counter({ ...common(definition), registers });
      for (const labels of knownLabels(definition)) counter.inc(labels, 0);
      return counter;
    });
    this.#gauges = byName("gauge", (definition) => new Gauge({ ...common(definition), registers }));
    this.#histograms = byName(
      "histogram",
      (definition) =>
        new Histogram({
          ...common(definition),
          registers,
          buckets: [...(definition.buckets ?? [])],
        }),
    );
  }

  count(name: string, labels: Labels = {}, by = 1): void {
    find(this.#counters, name, labels).inc(labels, by);
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    find(this.#gauges, name, labels).set(labels, value);
  }

  observe(name: string, seconds: number, labels: Labels = {}): void {
    find(this.#histograms, name, labels).observe(labels, seconds);
  }

  reset(name: string): void {
    known(this.#gauges, name).reset();
  }

  forgetServer(server: string): void {
    for (const definition of metricDefinitions.filter(({ labels }) => labels.includes("server"))) {
      const { name } = definition;
      const instrument = this.#counters.get(name) ?? this.#histograms.get(name);
      for (const labels of labelsOf(definition, { server: [server] })) instrument?.remove(labels);
    }
  }
}

/** What is measured goes on, whatever becomes of its measure. */
function harmless(metrics: Metrics, log: Pick<Log, "error">): Metrics {
  const told = new Set<string>();
  const guard =
    <T extends readonly unknown[]>(measure: (name: string, ...rest: T) => void) =>
    (name: string, ...rest: T): void => {
      try {
        measure(name, ...rest);
      } catch (error) {
        if (told.has(name)) return;
        told.add(name);
        log.error({ name, error }, "a measure could not be taken: a fault of the operator");
      }
    };
  return {
    count: guard((name, labels?: Labels, by?: number) => {
      metrics.count(name, labels, by);
    }),
    gauge: guard((name, value: number, labels?: Labels) => {
      metrics.gauge(name, value, labels);
    }),
    observe: guard((name, seconds: number, labels?: Labels) => {
      metrics.observe(name, seconds, labels);
    }),
    reset: guard((name) => {
      metrics.reset(name);
    }),
    forgetServer: guard((server) => {
      metrics.forgetServer(server);
    }),
  };
}

function common(definition: MetricDefinition): {
  name: string;
  help: string;
  labelNames: string[];
} {
  return { name: definition.name, help: definition.help, labelNames: [...definition.labels] };
}

function byName<T>(
  kind: MetricKind,
  create: (definition: MetricDefinition) => T,
): ReadonlyMap<string, T> {
  const definitions = metricDefinitions.filter((definition) => definition.kind === kind);
  return new Map(definitions.map((definition) => [definition.name, create(definition)]));
}

/**
 * Every combination of labels, where all their values are known: those series begin at 0, for
 * Prometheus sees no increase in a series that begins at 1.
 */
function knownLabels(definition: MetricDefinition): Labels[] {
  return definition.labels.length === 0 ? [] : labelsOf(definition, {});
}

function labelsOf(
  { labels, values }: MetricDefinition,
  more: MetricDefinition["values"],
): Labels[] {
  return labels.reduce<Labels[]>(
    (combinations, label) =>
      combinations.flatMap((known) =>
        (values?.[label] ?? more?.[label] ?? []).map((value) => ({ ...known, [label]: value })),
      ),
    [{}],
  );
}

const definitionsByName = new Map(metricDefinitions.map((one) => [one.name, one]));

function find<T>(instruments: ReadonlyMap<string, T>, name: string, labels: Labels): T {
  const instrument = known(instruments, name);
  const { labels: wanted = [], values = {} } = definitionsByName.get(name) ?? {};
  const given = Object.keys(labels);
  invariant(
    given.length === wanted.length && wanted.every((label) => label in labels),
    `metric ${name} has the labels ${wanted.join(", ")}, not ${given.join(", ")}`,
  );
  for (const [label, allowed] of Object.entries(values)) {
    const value = labels[label] ?? "";
    invariant(allowed.includes(value), `label ${label} of ${name} is never ${value}`);
  }
  return instrument;
}

function known<T>(instruments: ReadonlyMap<string, T>, name: string): T {
  const instrument = instruments.get(name);
  invariant(instrument !== undefined, `no metric of this kind is called ${name}`);
  return instrument;
}
