import type { AnswerOf } from '@ms1/console-api';

import { type Command, EXIT, needed } from '../command.ts';

type QueueDepth = AnswerOf<'GET /queues'>[number];

const step = (action: 'pause' | 'resume', about: string): Command => ({
  args: '<queue>',
  about,
  options: { reason: { type: 'string', value: 'why', about: 'for the operator log' } },
  async run(context) {
    const { api, terminal, text } = context;
    const name = needed(context, 'polling, inbound or outbound');
    const body = { reason: text('reason') };
    const queue = await api.call(`POST /queues/:name/${action}`, { params: { name }, body });
    terminal.result(queue, () => terminal.table([rowOf(queue)], ''));
    return EXIT.ok;
  },
});

export const queueCommands: Record<string, Command> = {
  'queues list': {
    about: 'how much waits on each queue',
    async run({ api, terminal }) {
      const queues = await api.call('GET /queues');
      terminal.result(queues, () => terminal.table(queues.map(rowOf), ''));
      return EXIT.ok;
    },
  },
  'queues pause': step('pause', 'no worker takes a job of it; they finish those in hand'),
  'queues resume': step('resume', 'workers take its jobs again'),
};

function rowOf({ name, waiting, active, delayed, failed, paused }: QueueDepth) {
  return { queue: name, state: paused ? 'paused' : 'on', waiting, active, delayed, dead: failed };
}
