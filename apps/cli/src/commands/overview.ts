import type { StateCounts } from '@ms1/contracts';

import { type ConsoleApi, ConsoleApiError } from '../console-api.ts';
import type { QueueDepth } from './queues.ts';

/** What is in the way of mail, as the console judges it. */
interface Concern {
  level: 'stopped' | 'attention';
  code: string;
  text: string;
}

/** The service in one look. */
export interface Overview {
  at: string;
  /** `attention`: mail flows, and something should be looked at */
  verdict: 'flowing' | 'quiet' | 'attention' | 'stopped';
  concerns: Concern[];
  /** per second; null: not known */
  rates: { noticed: number | null; prepared: number | null; delivered: number | null };
  totals: StateCounts;
  queues: (QueueDepth & { oldestSeconds?: number | null })[];
  deadLetters: { total: number };
  mailboxes: { total: number; stale: number };
  sessions: { id: string; name: string; status: string; paused: boolean; found: number }[];
}

/** Asks the console for its overview; of one that has none, puts together what it tells piece by piece. */
export async function readOverview(api: ConsoleApi): Promise<Overview> {
  try {
    return await api.get<Overview>('/overview');
  } catch (error) {
    if (!(error instanceof ConsoleApiError && error.status === 404)) throw error;
    return compose(api);
  }
}

async function compose(api: ConsoleApi): Promise<Overview> {
  const [status, queues, groups, sessions] = await Promise.all([
    api.get<{ mailboxes: number; ledger: StateCounts }>('/status'),
    api.get<QueueDepth[]>('/queues'),
    api.get<{ count: number }[]>('/dead-letters/groups'),
    api.list<Overview['sessions'][number]>('/sessions', {}, 20),
  ]);
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const concerns: Concern[] = queues
    .filter(({ paused }) => paused)
    .map(({ name }) => ({
      level: 'stopped',
      code: 'queue_paused',
      text: `${name} is paused: nothing is taken from it.`,
    }));
  if (total > 0) {
    const text = `${total} dead letters: replay or discard them.`;
    concerns.push({ level: 'attention', code: 'dead_letters', text });
  }
  const busy = queues.some(({ waiting, active }) => waiting + active > 0);
  return {
    at: new Date().toISOString(),
    verdict: concerns[0]?.level ?? (busy ? 'flowing' : 'quiet'),
    concerns,
    rates: { noticed: null, prepared: null, delivered: null },
    totals: status.ledger,
    queues,
    deadLetters: { total },
    mailboxes: { total: status.mailboxes, stale: 0 },
    sessions: sessions.filter(({ status: state }) => state === 'open' || state === 'closing'),
  };
}
