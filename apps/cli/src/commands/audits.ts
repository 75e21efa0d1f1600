import type { AnswerOf } from '@ms1/console-api';
import { AUDIT_VERDICTS } from '@ms1/contracts';

import { type Command, type CommandContext, EXIT, needed, UsageError } from '../command.ts';
import { CSV, LIST, mostOf, printCsv } from '../print-csv.ts';
import type { Terminal } from '../terminal.ts';

export type AuditReport = AnswerOf<'GET /audits/:id'>;

const POLL_MS = 500;

/** Which mailboxes and when. */
export const WINDOW = {
  mailboxes: {
    type: 'string',
    value: 'ids',
    multiple: true,
    about: 'object ids, separated by commas; default: all',
  },
  from: { type: 'string', value: 'time', about: 'received at or after, such as 2026-11-01' },
  to: { type: 'string', value: 'time', about: 'received before' },
} as const;

export const auditCommands: Record<string, Command> = {
  audit: {
    about: 'compares mailboxes with the ledger; exits with 1 when something is unexplained',
    options: {
      ...WINDOW,
      session: { type: 'string', value: 'id', about: 'its window and mailboxes instead' },
      repair: { type: 'boolean', about: 'puts back what nothing accounts for' },
      ...CSV,
    },
    async run(context) {
      const { api, text, flag } = context;
      const [id, repair] = [text('session'), flag('repair')];
      const begun =
        id === undefined
          ? await api.call('POST /audits', { body: { ...windowOf(context), repair } })
          : await api.call('POST /sessions/:id/audit', { params: { id }, body: { repair } });
      return follow(context, begun);
    },
  },
  'audits list': {
    about: 'earlier audits, the latest first',
    options: LIST,
    async run(context) {
      const { api, terminal } = context;
      const most = mostOf(context);
      if (context.flag('csv')) {
        await printCsv(context, 'GET /audits', api.pages('GET /audits', {}, most));
        return EXIT.ok;
      }
      const audits = await api.list('GET /audits', {}, most);
      terminal.result(audits, () => terminal.table(audits.map(rowOf), 'There is no audit yet.'));
      return EXIT.ok;
    },
  },
  'audits show': {
    args: '<id>',
    about: 'the report of an audit; waits until it is finished',
    options: CSV,
    async run(context) {
      const id = needed(context, 'the audit');
      return follow(context, await context.api.call('GET /audits/:id', { params: { id } }));
    },
  },
  'audits rolling': {
    about: 'what the audit that runs by itself found last, over all folders',
    async run({ api, terminal }) {
      const rolling = await api.call('GET /audits/rolling');
      const isWhole = rolling.counts.unexplained === 0 && rolling.missing === 0;
      terminal.result(rolling, () => {
        terminal.table(verdictRows(rolling), '');
        showWitnesses(terminal, rolling.witnesses);
      });
      return isWhole ? EXIT.ok : EXIT.no;
    },
  },
};

function rowOf({
  id,
  status,
  from,
  to,
  listed,
  counts,
  repaired,
}: AnswerOf<'GET /audits'>[number]) {
  return { id, status, from, to, listed, unexplained: counts.unexplained, repaired };
}

/** The mailboxes and times that options name; what is left away is the console's default. */
export function windowOf(context: CommandContext) {
  const mailboxes = context.texts('mailboxes');
  return { ...(mailboxes.length > 0 && { mailboxes }), ...moments(context) };
}

function moments(context: CommandContext): { from?: string; to?: string } {
  const bounds: { from?: string; to?: string } = {};
  for (const name of ['from', 'to'] as const) {
    const text = context.text(name);
    if (text === undefined) continue;
    if (Number.isNaN(Date.parse(text))) throw new UsageError(`--${name} must be a time (RFC 3339)`);
    bounds[name] = new Date(text).toISOString();
  }
  return bounds;
}

/** Waits for an audit and shows it. @returns the exit code it stands for */
export async function follow(context: CommandContext, begun: AuditReport): Promise<number> {
  return showReport(context, await finished(context, begun));
}

/** Waits for an audit, with its progress. */
export async function finished(
  { api, terminal, wait }: CommandContext,
  begun: AuditReport,
): Promise<AuditReport> {
  let report = begun;
  while (report.status === 'running') {
    terminal.progress(report.folders.done, report.folders.total, 'folders listed');
    await wait(POLL_MS);
    report = await api.call('GET /audits/:id', { params: { id: report.id } });
  }
  return report;
}

async function showReport(context: CommandContext, report: AuditReport): Promise<number> {
  const { terminal } = context;
  const { counts, repaired, missing } = report;
  const exitCode = counts.unexplained === 0 && missing === 0 ? EXIT.ok : EXIT.no;
  if (context.flag('csv')) {
    await printCsv(context, 'GET /audits/:id', [report]);
    return exitCode;
  }
  terminal.result(report, () => {
    terminal.line(`Audit ${report.id}: ${report.from ?? 'the beginning'} to ${report.to ?? 'now'}`);
    terminal.line();
    terminal.table(verdictRows(report), '');
    if (repaired > 0) terminal.line(`\n${repaired} put back on the queue`);
    showWitnesses(terminal, report.witnesses);
    terminal.line();
    if (counts.unexplained > 0) {
      terminal.line('There are messages that nothing accounts for.', 'red');
    } else if (missing > 0) {
      terminal.line(`Graph counts ${missing} more messages than it lists.`, 'red');
    } else terminal.line('Every message is accounted for.', 'green');
  });
  return exitCode;
}

function verdictRows({
  counts,
  reasons,
  listed,
}: Pick<AuditReport, 'counts' | 'reasons' | 'listed'>) {
  const rows = AUDIT_VERDICTS.map((verdict) => ({
    verdict: verdict as string,
    messages: counts[verdict],
    why: Object.entries(reasons)
      .filter(([reason]) => reason.startsWith(`${verdict}:`))
      .map(([reason, messages]) => `${reason.slice(verdict.length + 1)} ${messages}`)
      .join(', '),
  }));
  return [...rows, { verdict: 'in the mailboxes', messages: listed, why: '' }];
}

function showWitnesses(terminal: Terminal, witnesses: AuditReport['witnesses']): void {
  if (witnesses.length === 0) return;
  terminal.line();
  terminal.table(
    witnesses.map(({ key, mailboxId, receivedAt, why }) => ({ key, mailboxId, receivedAt, why })),
    '',
  );
}
