// Writes the reference of the flags from the table that `poolwarden --help` is made of.

import { flags, variableOf } from "../usage.ts";
import { code, table } from "./markdown.ts";

/** docs/reference/flags.md. */
export function buildFlagsReference(): string {
  const rows = flags.map(({ name, value, about }) => [
    code(`--${name} ${value}`),
    code(variableOf(name)),
    about,
  ]);
  const sections = [
    "# Flags\n\nGenerated from `src/usage.ts` by `make generate`; do not edit.",
    "Of `poolwarden run`. A flag wins over its variable, which wins over the default; what cannot be used ends the process with the name, the value and what would do. " +
      "The chart sets most of them: [its values](../../charts/poolwarden/README.md).",
    table(["Flag", "Variable", "Default, and what it says"], rows),
    "`POD_NAME` (else `HOSTNAME`) names the process in the Lease and in events, `POD_UID` lets a container that is started anew take over from the one before at once, `POD_NAMESPACE` is where the Lease lives and turns leader election on.",
  ];
  return sections.join("\n\n") + "\n";
}
