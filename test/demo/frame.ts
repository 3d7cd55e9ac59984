// The live view as lines of text, worked out from what is known and from nothing else.
import { renderBar } from "./bar.ts";
import type { ServicePods } from "./pods.ts";

export type View = {
  readonly act: string;
  readonly elapsedMs: number;
  readonly limit: number;
  readonly sessions: number;
  readonly byService: ReadonlyMap<string, number>;
  /** Within the act. */
  readonly peak: number;
  /** Within the act. */
  readonly refused: number;
  readonly services: readonly ServicePods[];
};

const NAME_WIDTH = 9;
const BAR_WIDTH_MAX = 60;
const COUNTS_WIDTH = 16;

/** Lines of at most `columns` characters. */
export function renderFrame(view: View, columns: number): string[] {
  const { act, limit, sessions, peak, refused } = view;
  const barWidth = Math.max(10, Math.min(BAR_WIDTH_MAX, columns - NAME_WIDTH - COUNTS_WIDTH));
  const bar = renderBar(sessions, limit, barWidth);
  const lines = [
    "",
    `${act}  ${formatTime(view.elapsedMs)}`,
    `${"sessions".padEnd(NAME_WIDTH)}${bar} ${String(sessions).padStart(3)} of ${limit}`,
    `${"".padEnd(NAME_WIDTH)}peak ${peak}, logins refused ${refused}`,
    ...view.services.map((service) => renderService(service, view)),
  ];
  return lines.map((line) => line.slice(0, columns));
}

/** The same in one line, for a log. */
export function renderLine({ elapsedMs, limit, sessions, refused, services }: View): string {
  const pods = describeSizes(services);
  return `  ${formatTime(elapsedMs)}  ${sessions} of ${limit} sessions, refused ${refused}; ${pods}`;
}

function renderService(service: ServicePods, { byService }: View): string {
  const sessions = `${byService.get(service.name) ?? 0} sessions`;
  const leaving = service.terminating === 0 ? "" : `, ${service.terminating} leaving`;
  return `${service.name.padEnd(NAME_WIDTH)}${formatSizes(service)}${leaving}: ${sessions}`;
}

/** `web 12 pods x 4, worker 3 pods x 8` */
export function describeSizes(services: readonly ServicePods[]): string {
  return services.map((one) => `${one.name} ${formatSizes(one)}`).join(", ");
}

/** `12 pods x 4, 3 pods x 50`: pods times pool size. */
export function formatSizes({ sizes }: ServicePods): string {
  const parts = [...sizes].map(([size, pods]) => `${pods} pods × ${size}`);
  return parts.length === 0 ? "no pods" : parts.join(" + ");
}

/** `1:05` */
export function formatTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
