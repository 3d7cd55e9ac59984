// What PHP-FPM keeps of processes beside how many it may have at most: its dynamic pool does not
// start where one of these is above pm.max_children.

/** Behind the prefix that they have in common with MAX_CHILDREN. */
export const spareEndings = ["START_SERVERS", "MIN_SPARE_SERVERS", "MAX_SPARE_SERVERS"] as const;

/** `PHP_FPM_PM_MAX_CHILDREN` → `PHP_FPM_PM_`; undefined of another name. */
export function prefixOfChildren(maxSizeName: string): string | undefined {
  const [whole] = /(?:^|_)MAX_CHILDREN$/i.exec(maxSizeName) ?? [];
  if (whole === undefined) return undefined;
  return maxSizeName.slice(0, -"MAX_CHILDREN".length);
}

export function isSpareServers(name: string): boolean {
  return /(start|min_?spare|max_?spare)_?servers$/i.test(name);
}
