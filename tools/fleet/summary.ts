import { isClean } from './audit.ts';
import { duration, number } from './progress.ts';
import type { Report } from './report.ts';

/** The audit as a person reads it, line by line. */
export function summary(report: Report): string[] {
  const { messages, audit, graph, ms4, redis, options } = report;
  const clean = isClean({ ...messages, ...audit }, options.messages);
  return [
    '',
    'Audit: every message that was put into a mailbox, against what MS4 stored',
    row('injected', messages.injected),
    row('delivered', messages.delivered),
    row('skipped', messages.skipped),
    row('dead', messages.dead),
    row('duplicates', messages.duplicates, 'stored more than once'),
    row('unexplained', messages.unexplained, 'in no place at all'),
    ...(audit.phantoms > 0 ? [row('made up', audit.phantoms, 'stored, but in no mailbox')] : []),
    ...Object.entries(audit.reasons).map(([reason, count]) => `    ${number(count)} × ${reason}`),
    ...audit.witnesses.map(
      ({ state, mailboxId, messageId, at, announced }) =>
        `    ${state}: mailbox ${mailboxId}, message ${messageId}, injected ${at}${announced ? ', announced' : ''}`,
    ),
    '',
    `  ${duration(report.elapsedSeconds)} min, ${number(Math.round(report.messagesPerSecond))} messages/s; Graph ${number(graph.httpRequests)} requests (${number(graph.quotaUnits)} quota units), MS4 ${number(ms4.requests)} requests, Redis ${number(redis.commands)} commands`,
    '',
    clean
      ? '  Every message is accounted for.'
      : `  NOT every message is accounted for${messages.injected < options.messages ? `: only ${number(messages.injected)} of ${number(options.messages)} came into a mailbox` : ''}.`,
  ];
}

function row(name: string, value: number, remark = ''): string {
  return `  ${name.padEnd(13)}${number(value).padStart(9)}${remark === '' ? '' : `   ${remark}`}`;
}
