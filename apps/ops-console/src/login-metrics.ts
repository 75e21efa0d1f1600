import { Counter } from 'prom-client';

import type { OnLogin } from './auth/login-outcome.ts';

/** Counts what came of tries to log in and out: never whose, and never from where. */
export function createLoginMetrics(): OnLogin {
  const logins = new Counter({
    name: 'ms1_console_logins_total',
    help: 'Tries to log in or out by result; limited ones were refused unread',
    labelNames: ['by', 'outcome'] as const,
  });
  return ({ by, outcome }) => logins.inc({ by, outcome });
}
