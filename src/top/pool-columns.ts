// The columns of the table of pools: what they are called, what stands in them, and how rows are
// ordered by them. A column is a line here.

import type { PoolView } from "../render/fleet-view.ts";

export interface PoolColumn {
  readonly title: string;
  readonly valueOf: (pool: PoolView) => string | number;
}

export const slotsColumn: PoolColumn = { title: "SLOTS", valueOf: ({ row }) => row.slots };

export const poolColumns: readonly PoolColumn[] = [
  { title: "NAMESPACE", valueOf: ({ namespace }) => namespace },
  { title: "POLICY", valueOf: ({ policy }) => policy },
  { title: "WORKLOAD", valueOf: ({ row }) => row.workload },
  { title: "DECISION", valueOf: ({ row }) => row.decision },
  { title: "PODS", valueOf: ({ row }) => row.pods },
  { title: "PLANNED", valueOf: ({ row }) => row.plannedPods },
  { title: "SIZE", valueOf: ({ row }) => row.poolSize },
  { title: "LIVE", valueOf: ({ row }) => liveText(row) },
  { title: "WANTED", valueOf: ({ row }) => row.wantedPoolSize },
  { title: "HELD", valueOf: ({ row }) => row.heldSlots },
  slotsColumn,
  { title: "IN USE", valueOf: ({ row }) => row.inUse?.peak ?? "-" },
  { title: "ADVISED", valueOf: ({ row }) => row.recommendedPoolSize ?? "-" },
  { title: "WHY", valueOf: ({ row }) => row.message },
];

/** `8-9`, and how many new pods wait; `-` where pods get their sizes by restarts. */
function liveText({ live }: PoolView["row"]): string {
  if (!live) return "-";
  const { least = 0, most = 0, waiting = 0 } = live;
  const sizes = least === most ? String(most) : `${least}-${most}`;
  return waiting > 0 ? `${sizes}, ${waiting} wait` : sizes;
}

/** Numbers from the largest down, texts from A on; what is equal by namespace and name. */
export function sortPools(
  pools: readonly PoolView[],
  { column, isReversed }: { readonly column: PoolColumn; readonly isReversed: boolean },
): PoolView[] {
  const sign = isReversed ? -1 : 1;
  return pools.toSorted(
    (one, other) =>
      sign * compare(column.valueOf(one), column.valueOf(other)) ||
      compare(identityOf(one), identityOf(other)),
  );
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === "number" && typeof other === "number") return other - one;
  return String(one) < String(other) ? -1 : Number(String(one) > String(other));
}

function identityOf({ namespace, policy, row }: PoolView): string {
  return `${namespace}/${policy}/${row.workload}`;
}
