import type { Evidence } from './evidence.ts';
import { type Finding, judged } from './finding.ts';

/** I5: a dead letter says why, the ledger knows it, and its message is not in MS4 as well. */
export function deadLetters({ mail, effects, fates, letters }: Evidence): Finding {
  const stored = new Set(effects.map(({ key }) => key));
  const known = new Set(mail.map(({ key }) => key));
  const lettersOf = new Set(letters.map(({ key }) => key));
  const against = [
    ...letters.flatMap(({ key, queue, reason, createdAt, failedAt }) => [
      ...(reason === '' ? [`${key} on ${queue}: without a reason`] : []),
      ...(createdAt > 0 && failedAt > 0 ? [] : [`${key} on ${queue}: without its times`]),
      ...(stored.has(key) ? [`${key} on ${queue} (${reason}): is in MS4 as well`] : []),
      ...(known.has(key) && !stored.has(key) && fates.get(key)?.state !== 'dead'
        ? [`${key} on ${queue}: the ledger says ${fates.get(key)?.state ?? 'nothing'}`]
        : []),
    ]),
    ...[...fates].flatMap(([key, { state, reason }]) =>
      state === 'dead' && !(reason !== '' && lettersOf.has(key))
        ? [`${key}: dead in the ledger ${reason === '' ? 'without a reason' : 'without a letter'}`]
        : [],
    ),
  ];
  const value = `${letters.length} dead letters`;
  return judged({ id: 'I5', about: 'each death has a letter with its reason', value }, against);
}
