import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

/** I16: no secret and no mail in what the fleet writes. */
export function secrecy({ outputs, canaries }: Evidence): Finding {
  const about = 'no mail and no secret in logs, or in clear in Redis';
  if (canaries.length === 0) return unchecked('I16', about, 'no canary was planted');
  const found = outputs.flatMap(({ name, text, isRedis }) =>
    canaries.flatMap((canary) =>
      (canary.everywhere || !isRedis) && text.includes(canary.text)
        ? [`${canary.what} in ${name}`]
        : [],
    ),
  );
  const mb = outputs.reduce((sum, { text }) => sum + text.length, 0) / 1_000_000;
  const value = `${canaries.length} canaries looked for in ${mb.toFixed(1)} MB of ${outputs.length} outputs, ${found.length} found`;
  return judged({ id: 'I16', about, value }, found);
}
