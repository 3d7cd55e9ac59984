// What is said where running pods may not be resized: the command that allows it.

import { helmUpgrade } from "../api/helm-upgrade.ts";

export const livePoolsCommand = helmUpgrade("livePools.enabled=true");

export const resizeNeedsRights =
  "resize Live needs the right to write annotations of pods, which the operator does not have: its " +
  `pods get new sizes by rollouts. To fix: ${livePoolsCommand}`;

export const resizeNeedsAdmission =
  "resize Live needs delivery Admission, which gives new pods the file that they follow: its pods " +
  "get new sizes by rollouts. To fix: see the policy's deliveryMessage";
