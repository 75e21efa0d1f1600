import {
  CHECKS,
  type Check,
  type CheckResult,
  type CheckStatus,
  runChecks,
  worstOf,
} from '@ms1/doctor';

import { type Command, EXIT, UsageError } from '../command.ts';
import { printCsv } from '../print-csv.ts';
import type { Terminal } from '../terminal.ts';

export const doctorCommands: Record<string, Command> = {
  doctor: {
    about: 'checks the whole installation: configuration, Redis, Graph, webhook, MS4, expiries',
    options: {
      only: {
        type: 'string',
        value: 'name',
        multiple: true,
        about: 'a check, or a group of them (redis, graph, webhook, ms4); may be repeated',
      },
      canary: {
        type: 'string',
        value: 'mailbox',
        about: 'object id of a mailbox that must not be readable',
      },
      console: {
        type: 'boolean',
        about: 'what the console finds from where it runs, as its page shows it',
      },
      csv: { type: 'boolean', about: 'with --console: as CSV for Excel (docs/csv.md)' },
      list: { type: 'boolean', about: 'only lists the checks' },
    },
    async run(context) {
      const { terminal, flag, text, texts, installation: open } = context;
      if (flag('console')) {
        const found = await context.api.call('GET /doctor');
        if (flag('csv')) await printCsv(context, 'GET /doctor', [found]);
        else terminal.result(found, () => show(terminal, found.checks));
        return found.status === 'fail' ? EXIT.no : EXIT.ok;
      }
      const checks = chosen(texts('only'));
      if (flag('list')) {
        const names = checks.map(({ name, about }) => ({ name, about }));
        terminal.result(names, () => terminal.table(names, ''));
        return EXIT.ok;
      }
      await using installation = open({ canary: text('canary') });
      let done = 0;
      const results = await runChecks(checks, installation, () => {
        done += 1;
        terminal.progress(done, checks.length, 'checked');
      });
      const status = worstOf(results);
      terminal.result({ status, checks: results }, () => show(terminal, results));
      return status === 'fail' ? EXIT.no : EXIT.ok;
    },
  },
};

/** @throws {UsageError} for a name that no check and no group has */
function chosen(only: readonly string[]): readonly Check[] {
  if (only.length === 0) return CHECKS;
  const matches = (wanted: string) => (check: Check) =>
    check.name === wanted || check.name.startsWith(`${wanted}.`);
  const unknown = only.filter((wanted) => !CHECKS.some(matches(wanted)));
  if (unknown.length > 0) {
    throw new UsageError(
      `there is no check ${unknown.join(', ')}; there are ${CHECKS.map(({ name }) => name).join(', ')}`,
    );
  }
  return CHECKS.filter((check) => only.some((wanted) => matches(wanted)(check)));
}

const MARKS: Record<CheckStatus, { mark: string; style: 'green' | 'yellow' | 'red' | 'dim' }> = {
  ok: { mark: 'ok  ', style: 'green' },
  warn: { mark: 'warn', style: 'yellow' },
  fail: { mark: 'FAIL', style: 'red' },
  skipped: { mark: 'skip', style: 'dim' },
};

function show(terminal: Terminal, results: readonly CheckResult[]): void {
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, status, seen, remedy, details } of results) {
    const { mark, style } = MARKS[status];
    const hang = 8 + width;
    terminal.paragraph(`${terminal.styled(mark, style)}  ${name.padEnd(width)}  ${seen}`, hang);
    for (const line of details) terminal.paragraph(`${' '.repeat(hang)}- ${line}`, hang + 2);
    if (remedy !== null && status !== 'ok') {
      terminal.paragraph(`${' '.repeat(hang)}do: ${remedy}`, hang + 4);
    }
  }
  const count = (status: CheckStatus): number =>
    results.filter((result) => result.status === status).length;
  terminal.line();
  terminal.line(
    `${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failed, ${count('skipped')} skipped`,
    count('fail') > 0 ? 'red' : 'green',
  );
}
