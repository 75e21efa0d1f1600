import type { Evidence } from './evidence.ts';
import { type Finding, judged } from './finding.ts';

/** I3: nothing is made up, and each record has the id of its message. */
export function noPhantom({ mail, effects }: Evidence): Finding {
  const known = new Set(mail.map(({ key }) => key));
  const phantoms = effects.filter(({ key }) => !known.has(key));
  const misnamed = effects.filter(({ key, recordId }) => known.has(key) && recordId !== key);
  const value = `${phantoms.length} records that nobody sent, ${misnamed.length} under another id`;
  return judged({ id: 'I3', about: 'what is in MS4 is what came', value }, [
    ...phantoms.map(({ recordId, batchId }) => `${recordId} of batch ${batchId}: in no mailbox`),
    ...misnamed.map(({ key, recordId }) => `${key} is in MS4 as ${recordId}`),
  ]);
}
