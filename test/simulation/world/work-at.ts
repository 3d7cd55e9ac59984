// How many sessions of a pod are at work, as its server shows them.

/** Of so many sessions, by the address of the pod. */
export type WorkAt = (address: string, sessions: number) => number;

/** Where nobody says more, always. */
export const threeOfFive: WorkAt = (_, sessions) => Math.ceil((sessions * 3) / 5);
