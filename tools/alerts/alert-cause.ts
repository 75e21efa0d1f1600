import type { ConsoleClient } from '@ms1/console-api';

import type { OpenFleet } from '../chaos/fleet/open-fleet.ts';

/** What a cause may lay its hands on. */
export interface Trial {
  readonly fleet: OpenFleet;
  readonly console: ConsoleClient;
  readonly signal: AbortSignal;
  /** lets no more of the steady mail come */
  stopMail(): void;
}

/** Something that goes wrong in a fleet, and what its operator is told of it. */
export interface AlertCause {
  /** for `--only` */
  readonly name: string;
  readonly about: string;
  /** fire while it lasts */
  readonly alerts: readonly string[];
  /** fire when it is mended, or soon before */
  readonly afterwards?: readonly string[];
  /** may fire with it: the same trouble seen from elsewhere */
  readonly also?: readonly string[];
  /** ms that its alerts may take; default three minutes */
  readonly limitMs?: number;
  /** in a second lane, beside the others: it takes minutes and is of one mailbox only */
  readonly isSlow?: boolean;
  /** makes it; what it answers with mends it */
  make(trial: Trial): Promise<() => Promise<void> | void>;
}

/** What mail that had to wait is told by, when it comes through. */
export const LATE_MAIL: readonly string[] = [
  'Ms1MailWaits',
  'Ms1FreshnessBudgetBurnsFast',
  'Ms1FreshnessBudgetBurns',
];
