import { aMetadata, until } from '@ms1/testkit';

import type { startFleet } from './start-fleet.ts';

export type Fleet = Awaited<ReturnType<typeof startFleet>>;

export const PDF = { attachments: [{ name: 'invoice.pdf', size: 50_000 }] };
export const NOTHING = { attachments: [] };

/** Of a message whose time nobody can tell, so that no page is looked for it: it costs a request of its own. */
export const UNDATED = aMetadata({ hasAttachments: true, receivedAt: '1970-01-01T00:00:00.000Z' });

/** `count` messages of one mailbox, noticed by id only. */
export async function noticeMany(
  fleet: Fleet,
  mailboxId: string,
  count: number,
  properties: object,
): Promise<string[]> {
  const refs = [];
  for (let n = 0; n < count; n += 1) {
    refs.push({ mailboxId, messageId: await fleet.inject(mailboxId, properties) });
  }
  return fleet.notice(refs);
}

export async function allPrepared(
  fleet: Fleet,
  keys: string[],
  timeoutMs = 120_000,
): Promise<void> {
  await until(
    async () => (await fleet.ledger.known(keys)).every((entry) => entry?.state === 'prepared'),
    { what: 'all prepared', timeoutMs },
  );
}
