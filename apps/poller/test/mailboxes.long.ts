import { describe, expect, test } from '@jest/globals';
import type { IngestMessage } from '@ms1/contracts';
import { CursorStore } from '@ms1/store';
import { until } from '@ms1/testkit';

import { setup } from './poller-bundle.ts';

type Bundle = Awaited<ReturnType<typeof setup>>;

const inject = (bundle: Bundle, mailboxId: string) =>
  bundle.control<{ messageId: string }>(`mailboxes/${mailboxId}/messages`, {
    op: 'inject',
    announced: false,
    properties: {},
  });

const isNoticed = async ({ inbound }: Bundle, messageId: string): Promise<boolean> => {
  const jobs = await inbound.getWaiting();
  return jobs.some((job) => (job.data as IngestMessage).messageId === messageId);
};

const noticed = (bundle: Bundle, messageId: string) =>
  until(() => isNoticed(bundle, messageId), { what: 'the message is noticed' });

describe('mailboxes of the directory', () => {
  test('one that was removed and is added again is new: mail from before is left alone', async () => {
    await using bundle = await setup({ mailboxes: 1 });
    const { directory, mailboxes } = bundle;
    const [mailboxId = ''] = mailboxes;
    await bundle.startPoller();
    const cursors = new CursorStore(bundle.redis);
    await until(() => cursors.read({ mailboxId, folderId: 'inbox' }), {
      what: 'the folder is walked',
    });
    await directory.setState(mailboxId, 'removed');
    await until(async () => (await cursors.read({ mailboxId, folderId: 'inbox' })) === null, {
      what: 'the position is forgotten',
    });
    const between = (await inject(bundle, mailboxId)).messageId;
    const second = Math.floor(Date.now() / 1_000);
    await until(() => Date.now() / 1_000 >= second + 1, {
      what: 'the next second, because Graph tells the time by seconds',
    });
    await directory.setState(mailboxId, 'active');
    await until(() => cursors.read({ mailboxId, folderId: 'inbox' }), {
      what: 'the folder is walked again',
    });
    await noticed(bundle, (await inject(bundle, mailboxId)).messageId);
    expect(await isNoticed(bundle, between)).toBe(false);
  });
});
