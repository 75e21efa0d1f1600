import type { ChaosRow } from '../chaos-row.ts';
import { byTurns, simulated } from './simulated-faults.ts';

const LASTS_MS = 15_000;
/** MS4_BREAKER_OPEN_MS_MAX, and 10 s for a record that is set aside meanwhile. */
const BREAKER_MS = 40_000;
/** A sender whose credentials are refused tries a batch every minute. */
const REFUSED_MS = 65_000;

/** What MS4 answers when it is not well: M1 to M5, M8 to M10, M12, M14. */
export const MS4_ANSWERS: readonly ChaosRow[] = [
  simulated({
    id: 'M1',
    about: 'MS4 throttles, Retry-After in seconds',
    recoveryMs: 10_000,
    lastsMs: LASTS_MS,
    faults: () => [['ms4-429', { retryAfterS: 2 }]],
  }),
  simulated({
    id: 'M1b',
    about: 'MS4 throttles half of the requests, Retry-After as a date',
    recoveryMs: 10_000,
    lastsMs: LASTS_MS,
    faults: () => [['ms4-429-date', { retryAfterS: 3, share: 0.5 }]],
  }),
  simulated({
    id: 'M2',
    about: 'MS4 fails with 500, 502, 503 and 504 by turns',
    recoveryMs: BREAKER_MS,
    lastsMs: LASTS_MS,
    faults: () => [['ms4-5xx', { status: 500 }]],
    meanwhile: byTurns(
      'ms4-5xx',
      [500, 502, 503, 504].map((status) => ({ status })),
      { everyMs: 4_000, lastsMs: LASTS_MS },
    ),
  }),
  simulated({
    id: 'M3',
    about: 'MS4 stores and resets the connection over three of ten requests',
    recoveryMs: BREAKER_MS,
    lastsMs: LASTS_MS,
    faults: () => [['ms4-commit-then-reset', { share: 0.3 }]],
  }),
  simulated({
    id: 'M3c',
    about: 'MS4 stores and never answers, over a fifth of the requests',
    recoveryMs: BREAKER_MS,
    lastsMs: LASTS_MS,
    faults: () => [['ms4-commit-then-hang', { share: 0.2, times: 2 }]],
  }),
  simulated({
    id: 'M4',
    about: 'MS4 neither stores nor answers, over a fifth of the requests',
    recoveryMs: BREAKER_MS,
    lastsMs: LASTS_MS,
    faults: () => [['ms4-hang', { share: 0.2, times: 2 }]],
  }),
  simulated({
    id: 'M5',
    about: 'verdicts of MS4 are retry, missing, doubled, in another order and of nobody',
    recoveryMs: BREAKER_MS,
    lastsMs: LASTS_MS,
    faults: () => [
      ['ms4-retry-verdict', { share: 0.1 }],
      ['ms4-missing-result', { share: 0.3 }],
      ['ms4-doubled-result', { share: 0.3 }],
      ['ms4-reordered-results', { share: 0.5 }],
      ['ms4-unknown-result', { share: 0.3 }],
    ],
  }),
  ...[401, 403].map((status) =>
    simulated({
      id: status === 401 ? 'M8' : 'M8b',
      about: `MS4 refuses the credentials with ${status}`,
      recoveryMs: REFUSED_MS,
      lastsMs: LASTS_MS,
      faults: () => [['ms4-auth', { status }]],
    }),
  ),
  simulated({
    id: 'M9',
    about: 'MS4 stores and answers a byte every 100 ms, or 8 MB',
    recoveryMs: BREAKER_MS,
    lastsMs: LASTS_MS,
    faults: () => [
      ['ms4-drip', { share: 0.3, ms: 100 }],
      ['ms4-enormous', { share: 0.3 }],
    ],
  }),
  simulated({
    id: 'M10',
    about: 'MS4 answers HTML, half of a JSON, text and redirects',
    recoveryMs: BREAKER_MS,
    lastsMs: LASTS_MS,
    faults: () => [
      ['ms4-html', { share: 0.2 }],
      ['ms4-redirect', { share: 0.2 }],
      ['ms4-truncated', { share: 0.3 }],
      ['ms4-wrong-type', { share: 0.3 }],
    ],
  }),
  simulated({
    id: 'M12',
    about: 'MS4 is down for a minute (of four hours, compressed)',
    recoveryMs: BREAKER_MS,
    lastsMs: 60_000,
    faults: () => [['ms4-down', { retryAfterS: 1 }]],
  }),
  simulated({
    id: 'M14',
    about: 'a fifth of the requests fail all the time',
    recoveryMs: BREAKER_MS,
    lastsMs: 30_000,
    faults: () => [['ms4-5xx', { share: 0.2, status: 500 }]],
  }),
];
