import { z } from 'zod';

import { type Endpoints, Reason } from './endpoint.ts';

const Level = z.enum(['debug', 'info', 'warn', 'error']);

const LogLevel = z
  .object({
    level: Level.nullable().meta({
      description: 'at which all processes log for now; null: each at its own LOG_LEVEL',
    }),
    until: z.string().nullable().meta({ description: 'when each logs at its own again' }),
  })
  .meta({ id: 'LogLevel' });

const ChangeLogLevel = z
  .strictObject({
    level: Level,
    minutes: z
      .int()
      .min(1)
      .max(240)
      .default(15)
      .meta({ description: 'then each process logs at its own level again, whatever happens' }),
    reason: Reason.meta({ description: 'kept in the log' }),
  })
  .meta({ id: 'ChangeLogLevel' });

const tag = 'status';

export const logLevel = {
  'GET /log-level': {
    tag,
    summary: 'At which level the processes log, where that was changed',
    policy: 'reader',
    responses: { 200: LogLevel },
  },
  'POST /log-level': {
    tag,
    summary: 'All processes log at this level for a while, from 5 s on, without a restart',
    policy: 'operator',
    body: ChangeLogLevel,
    responses: { 200: LogLevel },
  },
  'DELETE /log-level': {
    tag,
    summary: 'Each process logs at its own level again',
    policy: 'operator',
    responses: { 200: LogLevel },
  },
} as const satisfies Endpoints;
