import { parse, stringify } from 'yaml';

/**
 * By how much the times of the rules are shortened for a trial: `for`, windows and offsets, so that an hour is three
 * minutes. Everything else of an expression is as it is shipped, thresholds in seconds too.
 */
export const FACTOR = 20;

const UNITS = { s: 1, m: 60, h: 3_600 } as const;

interface Rule {
  expr: string;
  for?: string;
}

interface Rules {
  groups: { rules: Rule[] }[];
}

/** The rules of a file with their times divided. */
export function scaleRules(yaml: string, factor = FACTOR): string {
  const rules = parse(yaml) as Rules;
  for (const rule of rules.groups.flatMap((group) => group.rules)) {
    rule.expr = scaleWindows(rule.expr, factor);
    if (rule.for !== undefined) rule.for = scaled(rule.for, factor);
  }
  return stringify(rules, { lineWidth: 0 });
}

/** An expression with its windows and offsets divided. */
export function scaleWindows(expr: string, factor = FACTOR): string {
  return expr
    .replaceAll(/\[(\w+)\]/g, (_, time: string) => `[${scaled(time, factor)}]`)
    .replaceAll(/\boffset (\w+)/g, (_, time: string) => `offset ${scaled(time, factor)}`);
}

/** s of a duration as Prometheus writes it, of one unit. */
function secondsOf(time: string): number {
  const [, count, unit = ''] = /^(\d+)([smh])$/.exec(time) ?? [];
  if (count === undefined) throw new Error(`no duration: ${time}`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

const scaled = (time: string, factor: number): string =>
  `${Math.round((secondsOf(time) * 1_000) / factor)}ms`;
