import type { AnswerOf, RouteName } from '../routes.ts';
import { auditReport, audits } from './audit-tables.ts';
import { type CsvTable, listTable, tableOf } from './csv-table.ts';
import { mailboxes } from './mailbox-table.ts';

type FleetRow = AnswerOf<'GET /fleet'>['processes'][number] | { app: string; missing: true };

/** What is to be had as CSV: docs/csv.md says of each column what is in it. */
export const CSV_TABLES = {
  'GET /messages': listTable<'GET /messages'>('messages', {
    key: ({ key }) => key,
    mailbox: ({ mailbox }) => mailbox?.label,
    mailbox_id: ({ mailbox }) => mailbox?.id,
    received: ({ receivedAt }) => receivedAt,
    state: ({ state }) => state,
    since: ({ at }) => at,
    why: ({ reason }) => reason,
    session: ({ sessionId }) => sessionId,
  }),
  'GET /dead-letters/groups': listTable<'GET /dead-letters/groups'>('dead-letter-groups', {
    group: ({ fingerprint }) => fingerprint,
    stage: ({ stage }) => stage,
    cause: ({ cause }) => cause,
    letters: ({ count }) => count,
    first: ({ firstAt }) => firstAt,
    last: ({ lastAt }) => lastAt,
    advice: ({ advice }) => advice,
    assignee: ({ triage }) => triage?.assignee,
    note: ({ triage }) => triage?.note,
    put_off_until: ({ triage }) => triage?.snoozedUntil,
    replayed: ({ triage }) => triage?.replayedAt,
    came_back: ({ triage }) => (triage?.grewAfterReplay ? 'yes' : 'no'),
  }),
  'GET /dead-letters': listTable<'GET /dead-letters'>('dead-letters', {
    key: ({ key }) => key,
    stage: ({ stage }) => stage,
    group: ({ fingerprint }) => fingerprint,
    cause: ({ cause }) => cause,
    attempts: ({ attempts }) => attempts,
    created: ({ createdAt }) => createdAt,
    failed: ({ failedAt }) => failedAt,
  }),
  'GET /mailboxes': mailboxes,
  'GET /subscriptions': listTable<'GET /subscriptions'>('subscriptions', {
    subscription: ({ subscriptionId }) => subscriptionId,
    tenant: ({ tenantId }) => tenantId,
    mailbox_id: ({ mailboxId }) => mailboxId,
    folder: ({ folderId }) => folderId,
    expires: ({ expiresAt }) => expiresAt,
  }),
  'GET /sessions': listTable<'GET /sessions'>('sessions', {
    id: ({ id }) => id,
    name: ({ name }) => name,
    status: ({ status, paused }) => (paused ? 'paused' : status),
    mailboxes: (session) => session.mailboxes.length,
    from: ({ from }) => from,
    to: ({ to }) => to,
    created: ({ createdAt }) => createdAt,
    closed: ({ closedAt }) => closedAt,
    finished: ({ finishedAt }) => finishedAt,
    found: ({ found }) => found,
    queued: ({ counts }) => counts.queued,
    prepared: ({ counts }) => counts.prepared,
    delivered: ({ counts }) => counts.delivered,
    skipped: ({ counts }) => counts.skipped,
    dead: ({ counts }) => counts.dead,
    put_back: ({ requeued }) => requeued,
    missing: ({ missing }) => missing,
  }),
  'GET /sessions/:id/report': auditReport('session-report'),
  'GET /audits': audits,
  'GET /audits/:id': auditReport('audit'),
  'GET /actions': listTable<'GET /actions'>('operators-log', {
    id: ({ id }) => id,
    at: ({ at }) => at,
    by: ({ by }) => by,
    subject: ({ subject }) => subject,
    name: ({ name }) => name,
    action: ({ action }) => action,
    detail: ({ detail }) => (detail === null ? null : JSON.stringify(detail)),
    status: ({ status }) => status,
    of: ({ of }) => of,
  }),
  'GET /fleet': tableOf<'GET /fleet', FleetRow>(
    'processes',
    ({ processes, missing }) => [
      ...processes,
      ...missing.map((app) => ({ app, missing: true as const })),
    ],
    {
      app: ({ app }) => app,
      state: (row) => ('missing' in row ? 'missing' : row.ready ? 'ready' : 'not ready'),
      unready: (row) => ('missing' in row ? null : row.unready.join(' ')),
      version: (row) => ('missing' in row ? null : row.version),
      host: (row) => ('missing' in row ? null : row.host),
      pid: (row) => ('missing' in row ? null : row.pid),
      started: (row) => ('missing' in row ? null : row.startedAt),
      seen: (row) => ('missing' in row ? null : row.seenAt),
      last_error: (row) => ('missing' in row ? null : row.lastError?.code),
      last_error_at: (row) => ('missing' in row ? null : row.lastError?.at),
    },
  ),
  'GET /doctor': tableOf<'GET /doctor', AnswerOf<'GET /doctor'>['checks'][number]>(
    'checks',
    ({ checks }) => checks,
    {
      check: ({ name }) => name,
      status: ({ status }) => status,
      about: ({ about }) => about,
      seen: ({ seen }) => seen,
      remedy: ({ remedy }) => remedy,
      details: ({ details }) => details.join('\n'),
    },
  ),
} as const satisfies Partial<Record<RouteName, CsvTable>>;

export type CsvName = keyof typeof CSV_TABLES;
