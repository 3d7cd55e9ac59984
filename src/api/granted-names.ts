// Which variables a grant may set. The API server hands out no part of a grant with any other name,
// so such a grant counts as none: a newer release may refuse what an older one has published.

import { mayStayNamed } from "./environment.ts";
import type { Grant } from "./poolpolicy.ts";
import { namesOfPreset, presets } from "./presets.ts";
import { profiles } from "./profiles.ts";

/** Of presets and of profiles: no policy has to name them. */
export const ownNames: ReadonlySet<string> = new Set([
  ...Object.values(presets).flatMap(namesOfPreset),
  ...Object.values(profiles).flatMap((profile) => profile.settings.map(({ name }) => name)),
]);

/** Those with a name that is refused are left out. Each name is looked at once. */
export function handedOut(
  grants: Readonly<Record<string, Grant>>,
): Readonly<Record<string, Grant>> {
  const all = Object.entries(grants);
  const names = new Set(all.flatMap(([, { env }]) => env.map(({ name }) => name)));
  const isRefused = new Set(
    [...names].filter((name) => !ownNames.has(name) && !mayStayNamed(name)),
  );
  if (isRefused.size === 0) return grants;
  const isWhole = ({ env }: Grant): boolean => !env.some(({ name }) => isRefused.has(name));
  return Object.fromEntries(all.filter(([, grant]) => isWhole(grant)));
}
