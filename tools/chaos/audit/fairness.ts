import type { Evidence } from './evidence.ts';
import { type Finding, unchecked } from './finding.ts';

/** I14, measured: how unlike the mailboxes fare. No order is promised, and no message is changed in these runs. */
export function fairness({ mail, effects }: Evidence): Finding {
  const about = 'no mailbox waits for another';
  const storedAt = new Map(effects.toReversed().map(({ key, at }) => [key, at]));
  const medians = [...Map.groupBy(mail, ({ mailboxId }) => mailboxId)].flatMap(([id, some]) => {
    const ages = some
      .flatMap(({ key, at }) => {
        const stored = storedAt.get(key);
        return stored === undefined ? [] : [stored - at];
      })
      .toSorted((a, b) => a - b);
    const median = ages[Math.floor(ages.length / 2)];
    return median === undefined ? [] : [{ id, median }];
  });
  if (medians.length < 2) return unchecked('I14', about, 'mail came to one mailbox only');
  const sorted = medians.toSorted((a, b) => b.median - a.median);
  const [slow, fast] = [sorted[0], sorted.at(-1)];
  const value = `median age by mailbox ${seconds(fast?.median)} to ${seconds(slow?.median)}; order: none is promised`;
  return { id: 'I14', about, verdict: 'measured', value, worst: slow ? [slow.id] : [] };
}

const seconds = (ms = 0): string => `${(ms / 1_000).toFixed(1)} s`;
