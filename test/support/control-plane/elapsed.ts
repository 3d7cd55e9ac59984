// Waiting people read minutes, not milliseconds.

/** `45 s`, `1 min 30 s`. */
export function elapsed(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
