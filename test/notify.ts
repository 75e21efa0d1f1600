import { randomBytes } from 'node:crypto';

import type { RunningFleet } from './running-fleet.ts';

interface Subscription {
  subscriptionId: string;
  clientState: string;
  mailboxId: string;
  tenantId: string;
}

/** Announces a message to the fleet that nobody has, as Graph would; with another `clientState` as a stranger would. */
export async function notify(
  { redis, ports }: Pick<RunningFleet, 'redis' | 'ports'>,
  forged: object = {},
): Promise<number> {
  const [json = '{}'] = await redis.hvals('{ms1}:poller:subscriptions');
  const { subscriptionId, clientState, mailboxId, tenantId } = JSON.parse(json) as Subscription;
  const id = `AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A${randomBytes(9).toString('base64url')}`;
  const resource = `Users/${mailboxId}/Messages/${id}`;
  const value = [
    {
      subscriptionId,
      clientState,
      tenantId,
      changeType: 'created',
      resource,
      resourceData: { '@odata.type': '#Microsoft.Graph.Message', '@odata.id': resource, id },
      ...forged,
    },
  ];
  const answer = await fetch(`http://127.0.0.1:${ports['ingest-api']}/webhooks/graph`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
  });
  await answer.text();
  return answer.status;
}
