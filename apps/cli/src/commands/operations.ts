import type { AnswerOf } from '@ms1/console-api';

import { type Command, type CommandContext, EXIT, needed, UsageError } from '../command.ts';
import { CSV, printCsv } from '../print-csv.ts';

export type Operation = AnswerOf<'GET /operations/:id'>;

const POLL_MS = 500;

/** How something is done with many messages; without `--yes` it is only said what would be done. */
export const ACTING = {
  yes: { type: 'boolean', about: 'does it; without it, only says what it would do' },
  reason: { type: 'string', value: 'why', about: 'for the operator log; with --yes' },
} as const;

export const RATE = {
  rate: { type: 'string', value: 'n', about: 'how many a second at most; default 50' },
} as const;

export const operationCommands: Record<string, Command> = {
  'operations list': {
    about: 'replays, discards and put-backs that are under way',
    options: CSV,
    async run(context) {
      const { api, terminal } = context;
      const running = await api.call('GET /operations');
      if (context.flag('csv')) {
        await printCsv(context, 'GET /operations', [running]);
        return EXIT.ok;
      }
      terminal.result(running, () => terminal.table(running.map(rowOf), 'Nothing is under way.'));
      return EXIT.ok;
    },
  },
  'operations stop': {
    args: '<operation>',
    about: 'stops one; what is done stays done',
    async run(context) {
      const id = needed(context, 'the operation');
      return report(
        context,
        await context.api.call('POST /operations/:id/cancel', { params: { id } }),
      );
    },
  },
};

/** Whether it is to be done, and why. */
export function asking({ flag, text }: CommandContext) {
  const [dryRun, reason] = [!flag('yes'), text('reason')];
  if (dryRun) return {};
  if (reason === undefined) throw new UsageError('say why: --reason');
  return { dryRun, reason };
}

/** Waits until it has ended, with its progress. @returns the exit code it stands for */
export async function followOperation(context: CommandContext, begun: Operation): Promise<number> {
  const { api, terminal, wait } = context;
  let operation = begun;
  while (operation.status === 'running') {
    const { done, gone, failed, matched, action, id } = operation;
    terminal.progress(done + gone + failed, matched, PAST[action]);
    await wait(POLL_MS);
    operation = await api.call('GET /operations/:id', { params: { id } });
  }
  return report(context, operation);
}

export const PAST = { replay: 'replayed', discard: 'discarded', 'put-back': 'put back' } as const;

function report({ terminal }: CommandContext, operation: Operation): number {
  const { status, failed } = operation;
  terminal.result(operation, () => terminal.table([rowOf(operation)], ''));
  return status === 'done' && failed === 0 ? EXIT.ok : EXIT.no;
}

function rowOf(operation: Operation) {
  const { id, action, status, matched, done, gone, lost, failures, later, by } = operation;
  const why = Object.entries(failures).map(([code, count]) => `${code} ${count}`);
  const failed = why.join(', ');
  return { operation: id, action, status, by, matched, done, gone, lost, later, failed };
}
