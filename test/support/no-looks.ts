// Where nobody looks at who is at work.

import type { DatabaseReconcilerParts } from "../../src/reconcile/database-reconciler.ts";

export const noLooks: DatabaseReconcilerParts["looks"] = {
  watch: () => undefined,
  stop: () => undefined,
};
