// Which variables a grant may set. The API server hands out no part of a grant with any other name,
// so such a grant counts as none: a newer release may refuse what an older one has published.

import {
  environmentNameMax,
  forbiddenStartPattern,
  identifierPattern,
  mayStayNamed,
} from "./environment.ts";
import type { Grant } from "./poolpolicy.ts";
import { presetEndings } from "./preset-names.ts";
import { namesOfPreset, presets } from "./presets.ts";
import { profiles } from "./profiles.ts";
import { matches } from "./rules.ts";

/** Of presets and of profiles: no policy has to name them. */
export const ownNames: ReadonlySet<string> = new Set([
  ...Object.values(presets).flatMap(namesOfPreset),
  ...Object.values(profiles).flatMap((profile) => profile.settings.map(({ name }) => name)),
]);

/** What a policy names by a preset and a prefix. */
function isUnderPrefix(name: string): boolean {
  return (
    name.length <= environmentNameMax &&
    matches(name, identifierPattern) &&
    presetEndings.some((ending) => name.endsWith(`_${ending}`)) &&
    !matches(name, forbiddenStartPattern)
  );
}

/** Whether the API server hands it out, if the policy names it. */
export function mayBeGranted(name: string): boolean {
  return ownNames.has(name) || isUnderPrefix(name) || mayStayNamed(name);
}

/** Those with a name that is refused are left out. Each name is looked at once. */
export function handedOut(
  grants: Readonly<Record<string, Grant>>,
): Readonly<Record<string, Grant>> {
  const all = Object.entries(grants);
  const names = new Set(all.flatMap(([, { env }]) => env.map(({ name }) => name)));
  const isRefused = new Set([...names].filter((name) => !mayBeGranted(name)));
  if (isRefused.size === 0) return grants;
  const isWhole = ({ env }: Grant): boolean => !env.some(({ name }) => isRefused.has(name));
  return Object.fromEntries(all.filter(([, grant]) => isWhole(grant)));
}
