import { AUDIT_VERDICTS } from '@ms1/contracts';

import type { AnswerOf } from '../routes.ts';
import { type CsvTable, listTable, tableOf } from './csv-table.ts';

type Report = AnswerOf<'GET /audits/:id'>;

export const audits = listTable<'GET /audits'>('audits', {
  id: ({ id }) => id,
  created: ({ createdAt }) => createdAt,
  session: ({ sessionId }) => sessionId,
  from: ({ from }) => from,
  to: ({ to }) => to,
  status: ({ status }) => status,
  repair: ({ repair }) => (repair ? 'yes' : 'no'),
  replay: ({ replay }) => replay,
  folders_done: ({ folders }) => folders.done,
  folders: ({ folders }) => folders.total,
  listed: ({ listed }) => listed,
  delivered: ({ counts }) => counts.delivered,
  skipped: ({ counts }) => counts.skipped,
  dead: ({ counts }) => counts.dead,
  in_flight: ({ counts }) => counts.inFlight,
  unexplained: ({ counts }) => counts.unexplained,
  missing: ({ missing }) => missing,
  put_back: ({ repaired }) => repaired,
});

interface Row {
  verdict: string;
  reason?: string;
  messages: number;
  witness?: Report['witnesses'][number];
}

/** A report, a line for each verdict and reason, and for each message that nothing accounts for. */
export function auditReport(name: string): CsvTable {
  return tableOf<'GET /audits/:id', Row>(name, rowsOf, {
    verdict: ({ verdict }) => verdict,
    reason: ({ reason }) => reason,
    messages: ({ messages }) => messages,
    key: ({ witness }) => witness?.key,
    mailbox_id: ({ witness }) => witness?.mailboxId,
    received: ({ witness }) => witness?.receivedAt,
  });
}

/** Each message is in one line: the sum of all but `missing` is what the mailboxes have. */
function rowsOf({ counts, reasons, witnesses, missing }: Report): Row[] {
  const rows = AUDIT_VERDICTS.flatMap((verdict): Row[] => {
    const told: Row[] =
      verdict === 'unexplained'
        ? witnesses.map((witness) => ({ verdict, reason: witness.why, messages: 1, witness }))
        : Object.entries(reasons).flatMap(([of, messages]) =>
            of.startsWith(`${verdict}:`)
              ? [{ verdict, reason: of.slice(verdict.length + 1), messages }]
              : [],
          );
    const rest = counts[verdict] - told.reduce((sum, { messages }) => sum + messages, 0);
    return rest > 0 ? [...told, { verdict, messages: rest }] : told;
  });
  return missing > 0 ? [...rows, { verdict: 'missing', messages: missing }] : rows;
}
