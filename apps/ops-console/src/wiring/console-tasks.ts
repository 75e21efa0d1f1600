import type { FleetProcess } from '@ms1/process';
import { Progress, type Task } from '@ms1/runtime';

import { recordHistory } from '../history/record-history.ts';
import { runOperations } from '../operations/run-operations.ts';
import { finishSessions } from '../sessions/finish-sessions.ts';
import { reportSessions } from '../sessions/report-sessions.ts';
import type { wireConsole } from './wire-console.ts';

/** Renewed twice a second; a console that is gone leaves its operations to another after this long, ms. */
const OPERATIONS_LEASE_MS = 30_000;

/** The tasks of a console, by name. Several consoles may run them. */
export function consoleTasks(
  {
    stores,
    sessions,
    audits,
    feed,
    sampler,
    workOf,
  }: Pick<
    ReturnType<typeof wireConsole>,
    'stores' | 'sessions' | 'audits' | 'feed' | 'sampler' | 'workOf'
  >,
  { app, logger }: Pick<FleetProcess, 'app' | 'logger'>,
): Record<string, Task> {
  /** It is not ready while a task of it does not get through a turn. */
  const watched = (name: string): Progress => {
    const progress = new Progress({ done: 'got through', look: async () => ({ waiting: 0 }) });
    app.check(name, () => progress.assert());
    return progress;
  };
  return {
    live: feed.run,
    history: recordHistory({
      history: stores.history,
      ledger: stores.ledger,
      sampler,
      onError: (err) => logger.warn({ err }, 'noting the history failed'),
    }),
    sessions: finishSessions({
      progress: watched('sessions'),
      sessions: stores.sessions,
      addScans: (session) => sessions.addScans(session),
      onFinished: (sessionId) => logger.info({ sessionId }, 'session finished'),
      onError: (err) => logger.warn({ err }, 'looking after sessions failed'),
    }),
    'session reports': reportSessions({
      progress: watched('session reports'),
      sessions: stores.sessions,
      report: async (session) => {
        if (await audits.reportOf(session.id)) return;
        const { id: auditId } = await audits.ofSession(session, false);
        logger.info({ sessionId: session.id, auditId }, 'session report begun');
      },
      resume: () => audits.resume(),
      onError: (err) => logger.warn({ err }, 'reporting sessions failed'),
    }),
    operations: runOperations({
      progress: watched('operations'),
      operations: stores.operations,
      workOf,
      lease: () => stores.leases.acquire('operations', OPERATIONS_LEASE_MS),
      onEnded: ({ id, action, done, gone, lost, failures }) =>
        logger.info({ operationId: id, action, done, gone, lost, failures }, 'operation ended'),
      onError: (err) => logger.warn({ err }, 'an operation failed'),
    }),
  };
}
