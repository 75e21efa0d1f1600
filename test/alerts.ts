import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { root } from './workspaces.ts';

export const RULES_FILE = join(root, 'ops', 'prometheus', 'rules.yaml');

export interface AlertRule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
}

interface RulesFile {
  groups: { name: string; rules: (AlertRule | { record: string; expr: string })[] }[];
}

const rules = (): RulesFile['groups'][number]['rules'] =>
  (parse(readFileSync(RULES_FILE, 'utf8')) as RulesFile).groups.flatMap((group) => group.rules);

/** Every alert of the rules. */
export function readAlerts(): AlertRule[] {
  return rules().filter((rule) => 'alert' in rule);
}

/** Every expression of the rules. */
export function readExpressions(): string[] {
  return rules().map(({ expr }) => expr);
}

/** Every metric of ours, by docs/metrics.md, which is what the code says (`test/metrics.test.ts`). */
export function readMetricNames(): string[] {
  const page = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8');
  return [...page.matchAll(/^\| `(ms1_\w+)`/gm)].map(([, name = '']) => name);
}
