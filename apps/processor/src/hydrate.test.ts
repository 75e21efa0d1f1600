import { describe, expect, test } from '@jest/globals';
import type { Attachment, IngestMessage, MessageMetadata } from '@ms1/contracts';
import type { ReadResult } from '@ms1/graph-client';
import { aMessage, aMetadata } from '@ms1/testkit';

import { hydrate } from './hydrate.ts';
import type { MessageRef } from './mail-reader.ts';

/** A reader whose metadata of a mailbox comes when it is told to. */
function setup() {
  const asked: string[] = [];
  const answers = new Map<string, () => void>();
  const value = <T>(refs: readonly MessageRef[], one: T): ReadResult<T>[] =>
    refs.map(() => ({ ok: true, value: one }));
  const reader = {
    async metadata(refs: readonly MessageRef[]): Promise<ReadResult<MessageMetadata>[]> {
      for (const mailboxId of new Set(refs.map((ref) => ref.mailboxId))) {
        await new Promise<void>((resolve) => answers.set(mailboxId, resolve));
      }
      return value(refs, aMetadata({ hasAttachments: true }));
    },
    async attachments(refs: readonly MessageRef[]): Promise<ReadResult<Attachment[]>[]> {
      asked.push(...refs.map(({ messageId }) => messageId));
      return value(refs, []);
    },
  };
  const run = (messages: IngestMessage[]) =>
    hydrate(
      messages,
      { reader, rulesOf: () => ({}), inlineToo: false },
      new AbortController().signal,
    );
  return { asked, answers, run };
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('hydrate', () => {
  test('asks for the attachments of a mailbox while another has not told its metadata yet', async () => {
    const { asked, answers, run } = setup();
    const [slow, quick] = [aMessage(1, { mailboxId: 'slow' }), aMessage(2, { mailboxId: 'quick' })];
    const outcomes = run([slow, quick]);
    await turns();
    answers.get('quick')?.();
    await turns();
    expect(asked).toEqual([quick.messageId]);
    answers.get('slow')?.();
    expect(await outcomes).toHaveLength(2);
    expect(asked).toEqual([quick.messageId, slow.messageId]);
  });

  test('asks at once for those of a message that came with its metadata', async () => {
    const { asked, answers, run } = setup();
    const announced = aMessage(1);
    const found = aMessage(2, { metadata: aMetadata({ hasAttachments: true, subject: 'found' }) });
    const outcomes = run([announced, found]);
    await turns();
    expect(asked).toEqual([found.messageId]);
    answers.get(announced.mailboxId)?.();
    const subjects = (await outcomes).map(
      (outcome) => outcome.ok && outcome.value.metadata.subject,
    );
    expect(subjects).toEqual([aMetadata().subject, 'found']);
  });

  test('asks for those of a message of which Graph does not say whether it has any', async () => {
    const { asked, run } = setup();
    await run([
      aMessage(1, { metadata: aMetadata({ hasAttachments: null }) }),
      aMessage(2, { metadata: aMetadata({ hasAttachments: false }) }),
    ]);
    expect(asked).toEqual([aMessage(1).messageId]);
  });
});
