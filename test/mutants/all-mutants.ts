// The whole list.

import { addressMutants } from "./address-mutants.ts";
import { awaitingMutants } from "./awaiting-mutants.ts";
import { budgetMutants } from "./budget-mutants.ts";
import { consoleMutants } from "./console-mutants.ts";
import { demandMutants } from "./demand-mutants.ts";
import { engineMutants } from "./engine-mutants.ts";
import { evictionMutants } from "./eviction-mutants.ts";
import { exposureMutants } from "./exposure-mutants.ts";
import { fairnessMutants } from "./fairness-mutants.ts";
import { gateMutants } from "./gate-mutants.ts";
import { growthMutants } from "./growth-mutants.ts";
import { guestMutants } from "./guest-mutants.ts";
import { knowingMutants } from "./knowing-mutants.ts";
import { largeObjectMutants } from "./large-object-mutants.ts";
import { liveMutants } from "./live-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { loadMutants } from "./load-mutants.ts";
import { lookMutants } from "./look-mutants.ts";
import { orderMutants } from "./order-mutants.ts";
import { ownerMutants } from "./owner-mutants.ts";
import { planMutants } from "./plan-mutants.ts";
import { poolMutants } from "./pool-mutants.ts";
import { provingMutants } from "./proving-mutants.ts";
import { prefixMutants } from "./prefix-mutants.ts";
import { sizeMutants } from "./size-mutants.ts";
import { tieMutants } from "./tie-mutants.ts";
import { tierMutants } from "./tier-mutants.ts";
import { unitMutants } from "./unit-mutants.ts";
import { translationMutants } from "./translation-mutants.ts";
import { wireMutants } from "./wire-mutants.ts";

export const allMutants: readonly Mutant[] = [
  ...awaitingMutants,
  ...budgetMutants,
  ...consoleMutants,
  ...demandMutants,
  ...exposureMutants,
  ...orderMutants,
  ...evictionMutants,
  ...knowingMutants,
  ...fairnessMutants,
  ...gateMutants,
  ...growthMutants,
  ...guestMutants,
  ...largeObjectMutants,
  ...liveMutants,
  ...loadMutants,
  ...lookMutants,
  ...ownerMutants,
  ...planMutants,
  ...poolMutants,
  ...provingMutants,
  ...prefixMutants,
  ...engineMutants,
  ...sizeMutants,
  ...tierMutants,
  ...translationMutants,
  ...tieMutants,
  ...unitMutants,
  ...addressMutants,
  ...wireMutants,
];
