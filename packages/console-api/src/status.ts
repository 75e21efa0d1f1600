import { z } from 'zod';

import { type Endpoints, ROLES, StateCounts } from './endpoint.ts';
import { Overview } from './overview.ts';

const Fleet = z
  .object({
    processes: z.array(
      z.object({
        id: z.string(),
        app: z.string(),
        version: z.string(),
        host: z.string(),
        pid: z.int(),
        startedAt: z.string(),
        seenAt: z.string(),
        ready: z.boolean(),
        unready: z.array(z.string()).meta({ description: 'names of the checks that fail' }),
        lastError: z
          .object({ at: z.string(), code: z.string() })
          .nullable()
          .meta({ description: 'since its start, as its log has it; null: none' }),
        credentials: z
          .record(z.string(), z.string())
          .meta({ description: 'when those that it uses end, as far as it knows: graph, ms4' }),
      }),
    ),
    missing: z.array(z.string()).meta({ description: 'apps of which no process is alive' }),
    redis: z.object({
      version: z.string(),
      persistent: z.boolean(),
      usedMemoryBytes: z.number(),
      maxMemoryBytes: z.number().meta({ description: '0: no limit' }),
    }),
  })
  .meta({ id: 'Fleet' });

const Status = z
  .object({
    mailboxes: z.int(),
    folders: z.array(z.string()),
    sessions: z.object({ unfinished: z.int(), ids: z.array(z.string()) }),
    ledger: StateCounts,
  })
  .meta({ id: 'Status' });

const Me = z
  .object({
    role: z.enum(ROLES),
    by: z.enum(['token', 'oidc', 'password']),
    mail: z.enum(['shown', 'hidden', 'off']).meta({
      description:
        'whether it is shown what is in mail; off: the console has no credential for Graph',
    }),
  })
  .meta({ id: 'Me' });

const tag = 'status';

export const fleet = {
  'GET /fleet': {
    tag,
    summary: 'Processes that are alive, whether they are ready, and the memory of Redis',
    policy: 'reader',
    responses: { 200: Fleet },
  },
} as const satisfies Endpoints;

export const status = {
  'GET /status': {
    tag,
    summary: 'The service in one look',
    policy: 'reader',
    responses: { 200: Status },
  },
  'GET /overview': {
    tag,
    summary: 'Flow, sessions, dead letters and mailboxes in one look',
    policy: 'reader',
    responses: { 200: Overview },
  },
  'GET /events': {
    tag,
    summary: 'The overview as server-sent events, one a second',
    description:
      'An event `overview` holds the whole overview, so `Last-Event-ID` changes nothing; `trouble` says that Redis does not answer. A client that does not read is dropped, every stream ends after a quarter of an hour, or soon after its login, and whoever comes again goes on. A caller has 20 of the 100 streams at most.',
    policy: 'reader',
    problems: [429],
    stream: 'text/event-stream',
    responses: {},
  },
  'GET /me': {
    tag,
    summary: 'The caller, as the console sees it',
    policy: 'reader',
    responses: { 200: Me },
  },
} as const satisfies Endpoints;

export const reference = {
  'GET /openapi.json': {
    tag: 'reference',
    summary: 'This API, as OpenAPI 3.1',
    policy: 'reader',
    responses: { 200: z.looseObject({ openapi: z.string() }) },
  },
  'GET /reference': {
    tag: 'reference',
    summary: 'This API, as a page for people',
    policy: 'reader',
    text: 'text/html',
    responses: { 200: z.null() },
  },
} as const satisfies Endpoints;
