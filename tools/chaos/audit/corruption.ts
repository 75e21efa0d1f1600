import type { Evidence, Pair } from './evidence.ts';
import { type Finding, judged } from './finding.ts';

/** I3: nothing is made up, each record has the id of its message, and says what the message says. */
export function noCorruption({ mail, effects, pairs }: Evidence): Finding {
  const known = new Set(mail.map(({ key }) => key));
  const phantoms = effects.filter(({ key }) => !known.has(key));
  const misnamed = effects.filter(({ key, recordId }) => known.has(key) && recordId !== key);
  const changed = pairs.flatMap(differences);
  const value = [
    `${phantoms.length} records that nobody sent, ${misnamed.length} under another id`,
    `${pairs.length} compared member by member, ${changed.length} members differ`,
  ].join('; ');
  return judged({ id: 'I3', about: 'what is in MS4 is what came', value }, [
    ...phantoms.map(({ recordId, batchId }) => `${recordId} of batch ${batchId}: in no mailbox`),
    ...misnamed.map(({ key, recordId }) => `${key} is in MS4 as ${recordId}`),
    ...changed,
  ]);
}

/** Names of members, never what is in them: mail stays where it is. */
function differences({ key, source, record }: Pair): string[] {
  return Object.entries(source).flatMap(([member, value]) =>
    JSON.stringify(value) === JSON.stringify(record[member]) ? [] : [`${key}: ${member} differs`],
  );
}
