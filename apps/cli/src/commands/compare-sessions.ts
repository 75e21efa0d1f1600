import type { AnswerOf } from '@ms1/console-api';

import { type Command, EXIT, UsageError } from '../command.ts';
import { CSV, printCsv } from '../print-csv.ts';
import type { Row } from '../terminal.ts';

type Compared = AnswerOf<'GET /sessions/compare'>[number];

export const compareCommands: Record<string, Command> = {
  'sessions compare': {
    args: '<id> <id>...',
    about: 'two to eight sessions side by side',
    options: CSV,
    async run(context) {
      const { api, terminal, positionals, flag } = context;
      if (positionals.length < 2) throw new UsageError('say which: two sessions at least');
      const query = { ids: positionals.join(',') };
      const sessions = await api.call('GET /sessions/compare', { query });
      if (flag('csv')) {
        await printCsv(context, 'GET /sessions/compare', [sessions]);
        return EXIT.ok;
      }
      const rows = sessions.map(rowOf);
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      // A figure a line: that is what is compared.
      terminal.result(sessions, () =>
        terminal.table(
          columns.map((figure) => ({
            figure,
            ...Object.fromEntries(rows.map((row, nth) => [`${nth + 1}`, row[figure] ?? null])),
          })),
          '',
        ),
      );
      return EXIT.ok;
    },
  },
};

/** docs/console.md says what is in each. */
function rowOf({ counts, reasons, report, service, ...session }: Compared): Row {
  return {
    ...session,
    onTheWay: counts.queued + counts.prepared,
    delivered: counts.delivered,
    skipped: counts.skipped,
    dead: counts.dead,
    ...reasons,
    report: report?.status ?? null,
    unexplained: report?.unexplained ?? null,
    repaired: report?.repaired ?? null,
    inboundMost: service.inbound,
    outboundMost: service.outbound,
    walkedSecondsAgoMost: service.walkedSecondsAgo,
    deadLettersAtEnd: service.deadLetters,
  };
}
