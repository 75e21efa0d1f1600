import { integer, isOwn, type TrustedNetwork } from '@ms1/runtime';
import { z } from 'zod';

import { CLOUDS } from '../auth/clouds.ts';
import { MAILBOX_PERMITS } from './governor.ts';

/** The variables of what Graph grants a mailbox. Spread into the schema of an app that calls Graph. */
export const governorConfig = {
  // 10,000 is all Graph gives (docs/graph-contract.md#throttling).
  GRAPH_MAILBOX_REQUESTS_MAX: integer(40, 10_000)
    .default(10_000)
    .describe(
      'Requests of one mailbox in any 10 minutes, over all processes: all that Graph gives. Lower it when another ' +
        'program uses the same app registration. A fifth is kept for new mail, whatever sessions and audits ask for.',
    ),
  GRAPH_MAILBOX_WINDOW_MS: integer(1_000, 600_000)
    .default(600_000)
    .describe('Those 10 minutes. Another value is for a simulator only.'),
  GRAPH_MAILBOX_IN_FLIGHT_MAX: integer(MAILBOX_PERMITS, 64)
    .default(MAILBOX_PERMITS)
    .describe('Requests of one mailbox in flight. Another value is for a simulator only.'),
};

const GovernorConfig = z.object(governorConfig);
export type GovernorConfig = z.infer<typeof GovernorConfig>;

/** What is wrong with the limits, naming the variable; undefined when nothing is. */
export function limitsProblem(
  config: Partial<GovernorConfig> & {
    GRAPH_BASE_URL?: string | undefined;
    TRUSTED_NETWORK?: TrustedNetwork | undefined;
  },
): string | undefined {
  const {
    GRAPH_BASE_URL = CLOUDS.global.graph,
    GRAPH_MAILBOX_WINDOW_MS,
    GRAPH_MAILBOX_IN_FLIGHT_MAX,
    TRUSTED_NETWORK,
  } = config;
  if (!URL.canParse(GRAPH_BASE_URL) || isOwn(GRAPH_BASE_URL, TRUSTED_NETWORK)) return undefined;
  const problem = (name: string, value: number): string =>
    `${name} must be ${value}, which is Graph's limit: another is for a simulator only`;
  if ((GRAPH_MAILBOX_WINDOW_MS ?? 600_000) !== 600_000) {
    return problem('GRAPH_MAILBOX_WINDOW_MS', 600_000);
  }
  return (GRAPH_MAILBOX_IN_FLIGHT_MAX ?? MAILBOX_PERMITS) === MAILBOX_PERMITS
    ? undefined
    : problem('GRAPH_MAILBOX_IN_FLIGHT_MAX', MAILBOX_PERMITS);
}

/** ms after which Graph gives up on a call (docs/graph-contract.md#time-limit) */
const GRAPH_GIVES_UP_MS = 30_000;
/** ms from a permit to Graph, and from Graph's last answer to its slot */
const ON_ITS_WAY_MS = 5_000;

/**
 * The limits as options of the fleet's permits. A permit's lease outlasts two calls: one that Graph refuses for its
 * token, and its repetition with a fresh one.
 */
export function permitOptionsOf(config: GovernorConfig & { GRAPH_TIMEOUT_MS: number }) {
  const { GRAPH_MAILBOX_WINDOW_MS: windowMs, GRAPH_TIMEOUT_MS } = config;
  const callMs = Math.max(GRAPH_TIMEOUT_MS, GRAPH_GIVES_UP_MS);
  return {
    slots: config.GRAPH_MAILBOX_IN_FLIGHT_MAX,
    windowRequests: config.GRAPH_MAILBOX_REQUESTS_MAX,
    windowMs,
    // A call may reach Graph up to its deadline after it was counted here; compressed with the window.
    guardMs: Math.ceil(Math.min(GRAPH_TIMEOUT_MS, windowMs / 20)),
    leaseMs: 2 * callMs + ON_ITS_WAY_MS,
    unansweredMs: callMs + ON_ITS_WAY_MS,
  };
}
