import { describe, expect, test } from '@jest/globals';

import { MessageCache } from '../generator/message-cache.ts';
import type { MailMessage } from './mail-message.ts';
import { PostOffice } from './post-office.ts';
import { Tenant } from './tenant.ts';

function setup() {
  const tenant = new Tenant({ seed: 1, mailboxes: 1 });
  const [mailbox] = tenant.mailboxes;
  const folder = mailbox?.folder('inbox');
  if (!mailbox || !folder) throw new Error('no inbox');
  const announced: MailMessage[] = [];
  const postOffice = new PostOffice({
    dataDir: undefined,
    tenant,
    cache: new MessageCache(),
    clock: { now: () => 1_000 },
    announcer: {
      created: (_mailbox, message) => announced.push(message),
      changed: () => undefined,
    },
  });
  const delivery = (index: number, isAnnounced = true) => ({
    plan: 'test',
    seed: 1,
    index,
    mailbox,
    folder,
    announced: isAnnounced,
  });
  return { postOffice, folder, announced, delivery };
}

describe('PostOffice', () => {
  test('delivers a message of a seed and index once, however often it is asked to', () => {
    const { postOffice, folder, delivery } = setup();
    expect(postOffice.deliver([delivery(1), delivery(2)])).toHaveLength(2);
    expect(postOffice.deliver([delivery(2), delivery(3)])).toHaveLength(1);
    expect([folder.messages.length, postOffice.injected]).toEqual([3, 3]);
  });

  test('announces only what is to be announced', () => {
    const { postOffice, announced, delivery } = setup();
    const [first] = postOffice.deliver([delivery(1), delivery(2, false)]);
    expect(announced).toEqual([first]);
  });

  test('keeps a folder in the order of receipt, late arrivals included', () => {
    const { postOffice, folder, delivery } = setup();
    postOffice.deliver([delivery(1), { ...delivery(2), receivedAt: 500 }, delivery(3)]);
    expect(folder.messages.map(({ index }) => index)).toEqual([2, 1, 3]);
  });
});
