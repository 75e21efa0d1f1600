import { describe, expect, test } from '@jest/globals';
import { type Attachment, messageKey } from '@ms1/contracts';
import { aMessage, aMetadata } from '@ms1/testkit';

import { toRecord } from './to-record.ts';

describe('toRecord', () => {
  test('is the record of the contract, with nothing of the payload but what belongs there', () => {
    const message = aMessage(1, { sessionId: 's1' });
    const attachments: Attachment[] = [{ id: 'a1', name: 'i.pdf', kind: 'file', size: 7 }];
    const { hasAttachments: _, ...metadata } = aMetadata({ hasAttachments: true });
    expect(toRecord(message, aMetadata({ hasAttachments: true }), attachments)).toEqual({
      ...metadata,
      id: messageKey(message),
      schemaVersion: 1,
      sessionId: 's1',
      mailbox: 'mailbox',
      messageId: 'AAkALg-1',
      source: 'webhook',
      ingestedAt: message.noticedAt,
      kind: 'mail',
      attachments,
    });
  });

  test('the same job becomes the same bytes', () => {
    const [once, again] = [1, 1].map((n) => JSON.stringify(toRecord(aMessage(n), aMetadata(), [])));
    expect(once).toBe(again);
  });
});
