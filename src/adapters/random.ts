// The only source of chance: it spreads retries and is never used for a secret.

import type { Random } from "../ports.ts";

export const systemRandom: Random = { next: () => Math.random() };
