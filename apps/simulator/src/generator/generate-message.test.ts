import { describe, expect, test } from '@jest/globals';

import { generateMessage } from './generate-message.ts';
import { LANGUAGES } from './languages.ts';

const mailbox = 'invoices@contoso.example';
const sample = (count: number, seed = 1) =>
  Array.from({ length: count }, (_, index) => generateMessage({ seed, index, mailbox }));

const messages = sample(8_000);

describe('generateMessage', () => {
  test('makes the same message of the same seed and index, whatever was made before', () => {
    const alone = generateMessage({ seed: 7, index: 4_321, mailbox });
    sample(50, 8);
    expect(generateMessage({ seed: 7, index: 4_321, mailbox })).toEqual(alone);
  });

  test('makes another message of another seed or index', () => {
    const ids = [1, 2, 3].flatMap((seed) => sample(300, seed).map((m) => m.internetMessageId));
    expect(new Set(ids).size).toBe(900);
  });

  test('writes in every language and with every kind of attachment', () => {
    expect(new Set(messages.map((m) => m.language)).size).toBe(LANGUAGES.length);
    const kinds = messages.flatMap((m) => m.attachments.map((a) => a.kind));
    expect(new Set(kinds)).toEqual(new Set(['file', 'item', 'reference']));
    expect(messages.some((m) => m.attachments.length === 0)).toBe(true);
    expect(
      messages.some((m) => m.attachments.length > 0 && m.attachments.every((a) => a.isInline)),
    ).toBe(true);
    expect(messages.some((m) => m.attachments.filter((a) => !a.isInline).length > 2)).toBe(true);
  });

  test('has odd subjects: empty, missing, right to left, emoji, very long; never a line break', () => {
    const subjects = messages.map((m) => m.subject);
    expect(subjects).toContain('');
    expect(subjects).toContain(null);
    expect(subjects.some((s) => s?.includes('\u202e'))).toBe(true);
    expect(subjects.some((s) => /\p{Emoji_Presentation}/u.test(s ?? ''))).toBe(true);
    expect(subjects.some((s) => (s?.length ?? 0) > 200)).toBe(true);
    expect(subjects.some((s) => /[\r\n]/.test(s ?? ''))).toBe(false);
  });

  test('keeps a preview within the 255 characters that Graph gives', () => {
    expect(Math.max(...messages.map((m) => m.bodyPreview.length))).toBeLessThanOrEqual(255);
  });

  test('keeps what a test chose, and makes up the rest', () => {
    const overrides = { subject: null, from: null, attachments: [] };
    const message = generateMessage({ seed: 1, index: 1, mailbox, overrides });
    expect(message).toMatchObject({ subject: null, from: null, sender: null, attachments: [] });
    expect(message.bodyPreview).toBe(generateMessage({ seed: 1, index: 1, mailbox }).bodyPreview);
  });
});
