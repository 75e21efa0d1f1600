/** As ours and MS4's are: one word without blanks, at most 64 characters. */
const CODE = /^[A-Za-z][\w.-]{0,63}$/;
/** Sentences that this project writes itself, which quote nothing but a status and a code. */
const OURS =
  /^(?:Graph|MS4|Redis|no request to MS4|job) [a-z\d:' ]{1,120}(?: \((?:no answer|\d{3}(?: \w{1,64})?)\))?$/;

/** Why a job failed, for people who may not see mail: a code or words of ours, else null. */
export function shownReason(reason: string): string | null {
  return CODE.test(reason) || OURS.test(reason) ? reason : null;
}
