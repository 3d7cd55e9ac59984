// The spare servers of PHP-FPM, where the template sets them beside the number of its children:
// "pm.max_spare_servers(35) must not be greater than pm.max_children(20)", and the pod ends. Only
// where pm is dynamic, which it is unless something says otherwise.

import { numberIn } from "../../api/size-text.ts";
import type { Sizing } from "../../api/sizing.ts";
import { prefixOfChildren, spareEndings } from "../../api/spare-servers.ts";
import type { ObservedContainer } from "../../observed.ts";
import type { Beside } from "./minimum-settings.ts";
import { entryNamed, type Resolve, valueOf } from "./variable-values.ts";

const fix = "lower it, or remove it and let pm be static or ondemand";

export function spareServersIn(
  container: ObservedContainer,
  { maxSizeName }: Pick<Sizing, "maxSizeName">,
  resolve: Resolve,
): Beside[] {
  const prefix = prefixOfChildren(maxSizeName);
  if (prefix === undefined || !isDynamic(container, prefix, resolve)) return [];
  return spareEndings.flatMap((ending): Beside[] => {
    const wanted = prefix + ending;
    const number = numberIn(valueOf(container, [wanted], resolve)?.text ?? "");
    const name = entryNamed(container, [wanted])?.name ?? wanted;
    return number === undefined ? [] : [{ container: container.name, name, number, fix }];
  });
}

/** As images call pm: PHP_FPM_PM, PHP_FPM_PM_CONTROL. */
const modeEndings = ["", "_PM", "_CONTROL", "_TYPE", "_MODE"];

function isDynamic(container: ObservedContainer, prefix: string, resolve: Resolve): boolean {
  const start = prefix.slice(0, -1);
  return !modeEndings.some((ending) => {
    const text = valueOf(container, [start + ending], resolve)
      ?.text.trim()
      .toLowerCase();
    return text === "static" || text === "ondemand";
  });
}
