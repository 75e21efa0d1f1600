import { messageKey } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { closeRedis, connectRedis } from '@ms1/redis';

import type { MessageFate } from './audit.ts';
import type { InjectedMessage } from './witness-ledgers.ts';

export interface FleetLedger extends AsyncDisposable {
  /** what became of each message, in order; null where the fleet knows nothing of it */
  readonly fatesOf: (messages: readonly InjectedMessage[]) => Promise<MessageFate[]>;
}

/** Opens the ledger that the fleet itself keeps, message by message. */
export async function openFleetLedger(url: string, tenantId: string): Promise<FleetLedger> {
  const redis = await connectRedis({
    url,
    role: 'producer',
    name: 'launcher',
  });
  const ledger = new Ledger(redis);
  return {
    fatesOf: (messages) =>
      ledger.known(
        messages.map(({ mailboxId, messageId }) => messageKey({ tenantId, mailboxId, messageId })),
      ),
    [Symbol.asyncDispose]: () => closeRedis(redis),
  };
}
