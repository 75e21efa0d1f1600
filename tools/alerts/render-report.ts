import { parse } from 'yaml';

import { FACTOR } from './scale-rules.ts';
import type { CauseResult } from './trial-results.ts';

/** Of each alert how long its rule waits, as it is shipped. */
function waitsOf(rules: string): Map<string, string> {
  const { groups } = parse(rules) as { groups: { rules: { alert?: string; for?: string }[] }[] };
  return new Map(
    groups.flatMap((group) =>
      group.rules.flatMap(({ alert, for: wait = '0' }) => (alert ? [[alert, wait] as const] : [])),
    ),
  );
}

/** ops/alerts.md: what was made, what fired, and after how long. */
export function renderReport(results: readonly CauseResult[], rules: string): string {
  const waits = waitsOf(rules);
  const rows = results.flatMap(({ about, fired, on }) =>
    fired.map(({ alert, noticedS, firedS }, index) => {
      const cause = index === 0 ? `${about} | ${on}` : ' | ';
      return `| ${cause} | \`${alert}\` | ${noticedS} s | ${firedS} s | ${waits.get(alert)} |`;
    }),
  );
  const tried = new Set(results.flatMap(({ fired }) => fired.map(({ alert }) => alert)));
  const left = [...waits.keys()].filter((alert) => !tried.has(alert));
  const untried =
    left.length === 0 ? '' : `\nNot tried yet: ${left.map((name) => `\`${name}\``).join(', ')}.\n`;
  return `# The alerts, tried

Made by \`npm run alerts\`: a fleet with one process of each role and twenty mailboxes, steady mail, a real Redis, and a
real Prometheus with the [rules](prometheus/rules.yaml) as they are shipped, but for one thing: their times (\`for\`,
windows, offsets) are divided by ${FACTOR}. Thresholds are not, so what must have waited for two minutes has. Each cause
was made, and mended when its alerts fired. An hour before the first is quiet, divided likewise: what fires in it, or
without a cause that explains it, fails the run.

- **noticed**: from the cause to when the alert's expression holds. Some causes take a while by nature: a mailbox is
  stale after five minutes, an audit comes each minute here and each hour in production.
- **fired**: when the alert fired in the trial
- **waits**: for how long the shipped rule waits; in production an alert fires that long after it is noticed, and later
  by the window that it looks at
${untried}
| cause | on | alert | noticed | fired | waits |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
