import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { fuzzedMail } from './fuzzed-mail.ts';
import { PREVIEW_LENGTH_MAX } from './mail-properties.ts';
import { readEml } from './read-eml.ts';
import { sharedMail } from './shared-mail.ts';

const EML = [
  'Message-Id: <1@example.com>',
  'From: =?utf-8?Q?J=C3=BCrgen?= <j@example.com>',
  'To: "Doe, Jane" <jane@example.com>,',
  '  bob@example.com',
  'Subject: =?utf-8?B?UsOpcA==?= of May',
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'Hello',
  '--b',
  'Content-Type: application/pdf; name="a.pdf"',
  'Content-Disposition: attachment; filename="../a.pdf"',
  '',
  'xyz',
  '--b--',
].join('\r\n');

describe('fuzzed mail', () => {
  test('is the same for the same seed, and holds what is odd', () => {
    const mail = fuzzedMail(300, 7);
    expect(fuzzedMail(300, 7)).toEqual(mail);
    expect(fuzzedMail(300, 8)).not.toEqual(mail);
    const text = mail.map(({ subject }) => subject ?? '').join('');
    expect([text.includes('\0'), text.isWellFormed(), text.includes('\u202E')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(mail.some(({ from }) => from === null)).toBe(true);
    expect(mail.some(({ to = [] }) => to.length >= 100)).toBe(true);
    expect(Math.max(...mail.map(({ bodyPreview = '' }) => bodyPreview.length))).toBeLessThanOrEqual(
      PREVIEW_LENGTH_MAX,
    );
  });
});

describe('a mail in a file', () => {
  test('becomes the message that Graph would show', () => {
    expect(readEml(Buffer.from(EML))).toEqual({
      internetMessageId: '<1@example.com>',
      subject: 'Rép of May',
      from: { name: 'Jürgen', address: 'j@example.com' },
      to: [
        { name: 'Doe, Jane', address: 'jane@example.com' },
        { name: '', address: 'bob@example.com' },
      ],
      cc: [],
      bodyPreview: 'Hello\n',
      attachments: [
        {
          name: '../a.pdf',
          kind: 'file',
          contentType: 'application/pdf',
          size: 4,
          isInline: false,
        },
      ],
    });
  });

  test('is one of those beside the checkout, with its invoices as attachments; where there are none there is no mail', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ms1-content-'));
    expect(sharedMail(folder)).toEqual([]);
    await mkdir(join(folder, 'emails'));
    await mkdir(join(folder, 'invoices', 'kind'), { recursive: true });
    await writeFile(join(folder, 'emails', 'a.eml'), EML);
    await writeFile(join(folder, 'invoices', 'kind', 'b.xml'), '<a/>');
    const attachments = [{ name: 'b.xml', contentType: 'application/xml', size: 4 }];
    expect(sharedMail(folder).slice(1)).toEqual([{ subject: 'b.xml', attachments }]);
    await rm(folder, { recursive: true });
  });
});
