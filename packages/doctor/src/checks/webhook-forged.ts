import { randomUUID } from 'node:crypto';
import { messageKey, QUEUES, shardPrefixes } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { createJobLocator, createQueue } from '@ms1/queue';

import { askHttp } from '../ask-http.ts';
import { type Check, NotCheckableError } from '../check.ts';
import type { Installation, ReadMailbox } from '../installation.ts';
import { notificationUrl } from '../notification-url.ts';
import { reasonOf } from '../reason-of.ts';

export const webhookForged: Check = {
  name: 'webhook.forged',
  about: 'a forged notification is answered like any other and has no effect',
  async run(installation) {
    const url = notificationUrl(installation);
    const [mailbox] = await installation.mailboxes();
    if (!mailbox) throw new NotCheckableError('there is no mailbox');
    const messageId = `ms1-doctor-${randomUUID()}`;
    const answer = await askHttp(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value: [forged(mailbox, messageId)] }),
      timeoutMs: 10_000,
      clock: installation.clock,
    }).catch((error: unknown) => {
      throw new NotCheckableError(`it does not answer: ${reasonOf(error)}`);
    });
    if (answer.status !== 202) {
      return {
        status: 'fail',
        seen: `it answers ${answer.status} instead of 202`,
        remedy:
          'let the proxy pass POST /webhooks/graph with its body to ingest-api as it is; an answer that differs tells a stranger which subscriptions exist. 503 says that ingest-api has no Redis',
      };
    }
    if (await isKnown(installation, mailbox, messageId)) {
      return {
        status: 'fail',
        seen: 'the forged notification was accepted: its message, which does not exist, is queued',
        remedy:
          'look at what answers at NOTIFICATION_URL: it is not the ingest-api of this version. The message will be skipped, because Graph does not have it',
      };
    }
    return { status: 'ok', seen: 'answered 202, without effect' };
  },
};

/** Of a mailbox that is read, and of a subscription that nobody has. */
function forged({ tenantId, mailboxId }: ReadMailbox, messageId: string): object {
  return {
    subscriptionId: randomUUID(),
    clientState: 'ms1-doctor',
    changeType: 'created',
    tenantId,
    subscriptionExpirationDateTime: '2100-01-01T00:00:00Z',
    resource: `Users/${mailboxId}/Messages/${messageId}`,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.Message',
      '@odata.id': `Users/${mailboxId}/Messages/${messageId}`,
      id: messageId,
    },
  };
}

/** The job would have the id that follows from the message: ingest-api answers only after it is in Redis. */
async function isKnown(
  installation: Installation,
  { tenantId, mailboxId }: ReadMailbox,
  messageId: string,
): Promise<boolean> {
  await installation.redis();
  const connection = await installation.connect();
  const { KEY_PREFIX: prefix, REDIS_SHARDS: shards } = installation.settings.get('shared');
  const key = messageKey({ tenantId, mailboxId, messageId });
  const inbound = shardPrefixes(prefix, shards).map((own) =>
    createQueue(QUEUES.inbound, { connection, prefix: own }),
  );
  try {
    const [place] = await createJobLocator(inbound)([key]);
    const ledger = new Ledger(connection, { prefix, shards });
    const [entry] = await ledger.known([key]);
    return Boolean(place ?? entry);
  } finally {
    await Promise.all(inbound.map((queue) => queue.close()));
  }
}
