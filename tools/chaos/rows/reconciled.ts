/**
 * What Redis has lost is listed anew: the rolling audit of a chaos fleet looks each minute at what is a minute old, and what
 * it puts back is in MS4 a minute later (R2; R4 asks for the same 3 minutes).
 */
export const RECONCILED_MS = 180_000;
