import { AUDIT_VERDICTS } from '@ms1/contracts';

import { type Command, type CommandContext, EXIT, UsageError } from '../command.ts';

interface AuditReport {
  id: string;
  status: 'running' | 'explained' | 'unexplained';
  from: string | null;
  to: string | null;
  folders: { done: number; total: number };
  listed: number;
  counts: Record<(typeof AUDIT_VERDICTS)[number], number>;
  reasons: Record<string, number>;
  repaired: number;
  witnesses: { key: string; mailboxId: string; receivedAt: string | null; why: string }[];
}

const POLL_MS = 500;

export const auditCommands: Record<string, Command> = {
  audit: {
    usage: 'audit [--mailboxes id,id] [--from time] [--to time] [--session id] [--repair]',
    about: 'compares mailboxes with the ledger; --repair puts back what nothing accounts for',
    options: {
      mailboxes: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      session: { type: 'string' },
      repair: { type: 'boolean' },
    },
    async run(context) {
      const session = context.text('session');
      const repair = context.flag('repair');
      if (session === undefined) {
        const window = windowOf(context);
        return follow(context, await context.api.post('/audits', { ...window, repair }));
      }
      const path = `/sessions/${encodeURIComponent(session)}/audit`;
      return follow(context, await context.api.post(path, { repair }));
    },
  },
};

/** The mailboxes and times that options name; what is left away is the console's default. */
export function windowOf(context: CommandContext): object {
  const mailboxes = context.text('mailboxes');
  return {
    ...(mailboxes && { mailboxes: mailboxes.split(',').map((id) => id.trim()) }),
    ...moments(context),
  };
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
  const { api, terminal, wait } = context;
  let report = begun;
  while (report.status === 'running') {
    terminal.progress(report.folders.done, report.folders.total, 'folders listed');
    await wait(POLL_MS);
    report = await api.get(`/audits/${report.id}`);
  }
  return showReport(context, report);
}

function showReport({ terminal }: CommandContext, report: AuditReport): number {
  const { counts, reasons, witnesses } = report;
  terminal.result(report, () => {
    terminal.line(`Audit ${report.id}: ${report.from ?? 'the beginning'} to ${report.to ?? 'now'}`);
    terminal.line();
    const rows = AUDIT_VERDICTS.map((verdict) => ({
      verdict,
      messages: counts[verdict],
      why: Object.entries(reasons)
        .filter(([reason]) => reason.startsWith(`${verdict}:`))
        .map(([reason, count]) => `${reason.slice(verdict.length + 1)} ${count}`)
        .join(', '),
    }));
    terminal.table(
      [...rows, { verdict: 'in the mailboxes', messages: report.listed, why: '' }],
      '',
    );
    if (report.repaired > 0) terminal.line(`\n${report.repaired} put back on their way`);
    if (witnesses.length > 0) {
      terminal.line();
      terminal.table(
        witnesses.map(({ key, mailboxId, receivedAt, why }) => ({
          key,
          mailboxId,
          receivedAt,
          why,
        })),
        '',
      );
    }
    terminal.line();
    if (counts.unexplained === 0) terminal.line('Every message is accounted for.', 'green');
    else terminal.line('There are messages that nothing accounts for.', 'red');
  });
  return counts.unexplained === 0 ? EXIT.ok : EXIT.found;
}
