import { describe, expect, test } from '@jest/globals';

import { MessageCache } from '../generator/message-cache.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import { Mailbox } from '../mail/mailbox.ts';
import { messageCore } from '../mail/message-id.ts';
import { MessageView } from './message-view.ts';
import { readPreferences } from './preferences.ts';
import { ShownMessages } from './shown-messages.ts';

const IMMUTABLE = readPreferences({ prefer: 'IdType="ImmutableId"' });
const AT = Date.parse('2026-03-01T10:00:00Z');

const aMessage = (index: number): MailMessage => ({
  core: messageCore(1, index),
  seed: 1,
  index,
  mailboxId: 'm',
  receivedAt: AT,
  overrides: undefined,
  folder: null,
  moves: 0,
  isRead: false,
  version: 0,
  modifiedAt: AT,
});

function setup() {
  const mailbox = new Mailbox('m', 'invoices@contoso.example');
  const folder = (name: string) => {
    const found = mailbox.folder(name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  const message = aMessage(1);
  mailbox.add(message, folder('inbox'));
  const view = new MessageView(new MessageCache());
  const options = { select: undefined, preferences: IMMUTABLE, expand: { select: ['name'] } };
  return {
    mailbox,
    folder,
    message,
    view,
    options,
    shown: (): unknown => JSON.parse(view.toJson(options)(mailbox, message).toString()),
    made: () => view.show(mailbox, message, options),
  };
}

describe('MessageView, as JSON', () => {
  test('names the type of a meeting, which nobody selects, and of no other', () => {
    const { mailbox, view, options, shown } = setup();
    const select = ['subject'];
    const meeting = { ...aMessage(2), overrides: { odataType: 'eventMessageRequest' as const } };
    expect(view.show(mailbox, meeting, { ...options, select })).toMatchObject({
      '@odata.type': '#microsoft.graph.eventMessageRequest',
    });
    expect(shown()).not.toHaveProperty('@odata.type');
  });

  test.each<[string, (bundle: ReturnType<typeof setup>) => void]>([
    ['read', ({ mailbox, message }) => mailbox.update(message, { isRead: true }, AT + 60_000)],
    [
      'moved',
      ({ mailbox, message, folder }) => mailbox.move(message, folder('archive'), AT + 60_000),
    ],
    ['deleted', ({ mailbox, message }) => mailbox.delete(message, AT + 60_000)],
  ])('shows a message that was %s as it is then', (_, change) => {
    const bundle = setup();
    const before = bundle.shown();
    change(bundle);
    expect(bundle.shown()).toEqual(bundle.made());
    expect(bundle.shown()).not.toEqual(before);
  });

  test('control: what changes without a new version is not seen, so it is the version that is looked at', () => {
    const bundle = setup();
    const before = bundle.shown();
    bundle.message.isRead = true;
    expect(bundle.shown()).toEqual(before);
    expect(bundle.made()).not.toEqual(before);
  });

  test('is the same bytes as long as nothing changes', () => {
    const { view, mailbox, message, options } = setup();
    expect(view.toJson(options)(mailbox, message)).toBe(view.toJson(options)(mailbox, message));
  });

  test('is another one for whoever asks for it in another way', () => {
    const { view, mailbox, message } = setup();
    const ways = [
      { select: undefined, preferences: IMMUTABLE },
      { select: ['subject'], preferences: IMMUTABLE },
      { select: ['subject', 'body'], preferences: IMMUTABLE },
      { select: ['subject', 'body'], preferences: { ...IMMUTABLE, textBody: true } },
      { select: ['subject'], preferences: readPreferences({}) },
      { select: ['subject'], preferences: IMMUTABLE, expand: { select: undefined } },
      { select: ['subject'], preferences: IMMUTABLE, expand: { select: ['name'] } },
    ];
    for (const way of [...ways, ...ways]) {
      const json = view.toJson(way)(mailbox, message).toString();
      expect(json).toBe(JSON.stringify(view.show(mailbox, message, way)));
    }
  });
});

describe('ShownMessages', () => {
  test('keeps so many, and makes the others again', () => {
    const shown = new ShownMessages(2);
    const made: number[] = [];
    const messages = [1, 2, 3].map(aMessage);
    for (const message of [...messages, ...messages.toReversed()]) {
      shown.read(message, 'way', () => ({ made: made.push(message.index) }));
    }
    expect(made).toEqual([1, 2, 3, 1]);
  });
});
