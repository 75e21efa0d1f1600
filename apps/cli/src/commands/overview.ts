import type { StateCounts } from '@ms1/contracts';

import type { ConsoleApi } from '../console-api.ts';
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
  /** the same in words; of a console of the release before there are none */
  headline?: string;
  concerns: Concern[];
  /** per second; null: not known */
  rates: { noticed: number | null; prepared: number | null; delivered: number | null };
  totals: StateCounts;
  queues: (QueueDepth & { oldestSeconds?: number | null })[];
  deadLetters: { total: number };
  mailboxes: { total: number; stale: number };
  sessions: { id: string; name: string; status: string; paused: boolean; found: number }[];
}

/** The console's judgement; nobody else makes one. */
export function readOverview(api: ConsoleApi): Promise<Overview> {
  return api.get<Overview>('/overview');
}
