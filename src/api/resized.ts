// What a pod's annotation says of its last resize: the largest size that it may still hold, since
// when it has its present one, and how often it was touched since. It stands on the pod, so that an
// operator that has just started knows what the one before it did.

export interface Resized {
  /** The largest size that it had before and was not known to have left. */
  readonly from: number;
  readonly atMs: number;
  readonly touches: number;
}

/** `was 20 until 2026-11-30T09:00:00.000Z, touched 1` */
export function resizedText({ from, atMs, touches }: Resized): string {
  return `was ${from} until ${new Date(atMs).toISOString()}, touched ${touches}`;
}

/** As the fence around whoever writes it understands it as well. */
export const resizedForm =
  "^was ([0-9]{1,7}) until ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z), touched ([0-9]{1,3})$";

const pattern = new RegExp(resizedForm, "u");

/** Whoever may write a template may write any time: from a later one no text can be made again. */
const latestMs = Date.UTC(2100, 0);

/** Undefined of a text that is none of ours. */
export function readResized(text: string | undefined): Resized | undefined {
  const [, from, at = "", touches] = pattern.exec(text ?? "") ?? [];
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs) || atMs > latestMs) return undefined;
  return { from: Number(from), atMs, touches: Number(touches) };
}
