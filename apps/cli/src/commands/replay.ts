import { type Command, type CommandContext, EXIT, UsageError } from '../command.ts';
import { type AuditReport, finished, WINDOW, windowOf } from './audits.ts';

export const replayCommands: Record<string, Command> = {
  replay: {
    about: 'runs messages again that were skipped for one reason',
    options: {
      reason: {
        type: 'string',
        value: 'code',
        about: 'why they were skipped, such as source_deleted or rule_sender',
      },
      ...WINDOW,
      yes: { type: 'boolean', about: 'does it; without it, only counts them' },
    },
    async run(context) {
      const reason = context.text('reason');
      if (reason === undefined) throw new UsageError('say which: --reason');
      const body = { ...windowOf(context), replay: reason, repair: context.flag('yes') };
      const begun = await context.api.call('POST /audits', { body });
      return show(context, reason, await finished(context, begun));
    },
  },
};

/** Like that of dead letters, it is a no only where it can not be said to have found all. */
function show({ terminal, flag }: CommandContext, reason: string, report: AuditReport): number {
  const skipped = skippedFor(report.reasons);
  terminal.result(report, () => {
    terminal.table(
      Object.entries(skipped).map(([why, messages]) => ({ skipped: why, messages })),
      `Of ${report.listed} messages none was skipped.`,
    );
    terminal.line(
      flag('yes')
        ? `\n${report.repaired} put back on the queue.`
        : `\n${skipped[reason] ?? 0} would be put back. Nothing has changed: to do it, add --yes.`,
    );
    if (report.missing > 0) {
      terminal.line(`Graph counts ${report.missing} more messages than it lists.`, 'red');
    }
  });
  return report.missing === 0 ? EXIT.ok : EXIT.no;
}

/** By reason, also of those that the audit does not believe any more. */
function skippedFor(reasons: AuditReport['reasons']): Record<string, number> {
  const skipped: Record<string, number> = {};
  for (const [verdict, messages] of Object.entries(reasons)) {
    const [, why] = /^(?:skipped|unexplained):(.+)$/.exec(verdict) ?? [];
    if (why === undefined || why === 'not_noticed' || why === 'job_gone') continue;
    skipped[why] = (skipped[why] ?? 0) + messages;
  }
  return skipped;
}
