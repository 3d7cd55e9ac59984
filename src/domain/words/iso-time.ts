// Times as Kubernetes writes them.

/** RFC 3339 without milliseconds. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** Undefined for what is no time, and for none. */
export function timeMs(text: string | undefined): number | undefined {
  const parsed = Date.parse(text ?? "");
  return Number.isNaN(parsed) ? undefined : parsed;
}
