// Which presets are poolers: their pods have no follower of an application, so they are resized
// while they run on their admin consoles, or not at all.

/** Its pools are sized by default_pool_size, which a console changes. */
export function hasConsole(preset: string): boolean {
  return preset === "pgbouncer" || preset === "pgbouncer-bitnami";
}

export function isPooler(preset: string): boolean {
  return preset.startsWith("pgbouncer");
}
