// What is said where running pods may not be resized: the command that allows it.

/** With the names that README and install.yaml use. */
export const livePoolsCommand =
  "helm upgrade poolwarden charts/poolwarden -n poolwarden-system --reset-then-reuse-values --set livePools.enabled=true";

export const resizeNeedsRights =
  "resize Live needs the right to write annotations of pods, which the operator does not have: its " +
  `pods get new sizes by rollouts. To fix: ${livePoolsCommand}`;

export const resizeNeedsAdmission =
  "resize Live needs delivery Admission, which gives new pods the file that they follow: its pods " +
  "get new sizes by rollouts. To fix: see the policy's deliveryMessage";
