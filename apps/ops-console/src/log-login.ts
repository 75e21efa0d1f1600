import type { Logger } from '@ms1/runtime';

import type { OnLogin } from './auth/login-outcome.ts';
import { createLoginMetrics } from './login-metrics.ts';

/** Counts what came of each try to log in, and tells the log once of each who tried. */
export function logLogin(logger: Logger): OnLogin {
  const countLogin = createLoginMetrics();
  return (login) => {
    countLogin(login);
    const { by, outcome, again, strangeProxy } = login;
    if (again) return;
    if (strangeProxy) logger.warn({ by, outcome }, 'login, by a proxy that is not configured');
    else logger.info({ by, outcome }, 'login');
  };
}
