import { type Command, EXIT, needed } from '../command.ts';

export interface QueueDepth {
  name: string;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  paused: boolean;
}

const step = (action: 'pause' | 'resume', about: string): Command => ({
  args: '<queue>',
  about,
  options: { reason: { type: 'string', value: 'why', about: 'for the operator log' } },
  async run(context) {
    const { api, terminal, text } = context;
    const name = needed(context, 'polling, inbound or outbound');
    const reason = text('reason');
    const queue = await api.post<QueueDepth>(`/queues/${name}/${action}`, {
      ...(reason !== undefined && { reason }),
    });
    terminal.result(queue, () => terminal.table([rowOf(queue)], ''));
    return EXIT.ok;
  },
});

export const queueCommands: Record<string, Command> = {
  'queues list': {
    about: 'how much waits on each queue',
    async run({ api, terminal }) {
      const queues = await api.get<QueueDepth[]>('/queues');
      terminal.result(queues, () => terminal.table(queues.map(rowOf), ''));
      return EXIT.ok;
    },
  },
  'queues pause': step('pause', 'nobody takes a job of it any more; what is in hand is finished'),
  'queues resume': step('resume', 'its jobs are taken again'),
};

function rowOf({ name, waiting, active, delayed, failed, paused }: QueueDepth) {
  return { queue: name, state: paused ? 'paused' : 'on', waiting, active, delayed, dead: failed };
}
