// Property tests draw anew in every run, and say the seed where one fails: `FC_SEED=n` draws the
// same again. Whether a deliberate defect is noticed must not depend on luck either: there the seed
// is 1 where none is given.

import fc from "fast-check";

const given = process.env["FC_SEED"] ?? "1";
const seed = Number(given);
if (!Number.isSafeInteger(seed)) throw new RangeError(`FC_SEED=${given}: give a whole number`);
fc.configureGlobal({ seed });
