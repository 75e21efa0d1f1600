import { describe, expect, test } from '@jest/globals';

import { redactJobData } from './redact-job-data.ts';
import { redactReply } from './redact-reply.ts';

describe('redactJobData', () => {
  test('shows identifiers, times and kinds, and hides what may be personal', () => {
    const container = { format: 'archive', inside: 'files' };
    const data = {
      v: 1,
      record: {
        id: 'key',
        mailbox: 'guid',
        subject: 'Rechnung für Frau Muster',
        from: { address: 'a@b.example', name: 'A' },
        to: [{ address: 'a@b.example' }],
        receivedAt: '2026-11-23T00:00:00Z',
        attachments: [{ id: 'a1', name: 'muster.zip', kind: 'file', size: 7, container }],
      },
    };
    expect(redactJobData(data)).toEqual({
      v: 1,
      record: {
        id: 'key',
        mailbox: 'guid',
        subject: '[redacted]',
        from: '[redacted]',
        to: '[redacted]',
        receivedAt: '2026-11-23T00:00:00Z',
        attachments: [{ id: 'a1', name: '[redacted]', kind: 'file', size: 7, container }],
      },
    });
  });

  test('hides a field nobody has named, and an object under a name that is shown', () => {
    expect(redactJobData({ later: 'x', id: { name: 'x' }, metadata: 'x' })).toEqual({
      later: '[redacted]',
      id: '[redacted]',
      metadata: '[redacted]',
    });
  });

  test.each([
    ['text', '[redacted]'],
    [7, '[redacted]'],
    [null, null],
    [
      [{ v: 1 }, 'x'],
      [{ v: 1 }, '[redacted]'],
    ],
  ])('of %j it shows %j', (data, shown) => {
    expect(redactJobData(data)).toEqual(shown);
  });
});

describe('redactReply', () => {
  test('shows why and where, not what others wrote', () => {
    expect(
      redactReply({
        failedReason: 'subject "Invoice 17" of Ana Maria is not allowed',
        stacktrace: [
          'Error: Invoice 17 of Ana\nMaria\n    at x (file.ts:1:1)\n    for support: request-id 7',
          'DeadLetterError: ms4_500\n    at y (file.ts:2:2)',
        ],
        others: [{ failedReason: 'ms4_500' }],
      }),
    ).toEqual({
      failedReason: '[redacted]',
      stacktrace: [
        '[redacted]\n    at x (file.ts:1:1)\n    for support: request-id 7',
        'ms4_500\n    at y (file.ts:2:2)',
      ],
      others: [{ failedReason: 'ms4_500' }],
    });
    expect(redactReply(['a line that a job logged'])).toEqual(['[redacted]']);
  });

  test('takes no line of what was said for one that says where', () => {
    const said = 'Invoice 17 of Ana Maria';
    const where = [
      '    at parseError (/app/node_modules/redis-parser/lib/parser.js:179:12)',
      '    at async Promise.all (index 0)',
      '    at Object.<anonymous> (file:///app/src/x.ts:1:1)',
      '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
      '    at new Thing (/app/x.ts:1:1)',
      '    at /app/x.ts:10:20',
      '    for support: asked for message, request-id 7-a, client-request-id c-1, date Thu, 01 Jan 2026 00:00:00 GMT, x-ms-ags-diagnostic {"ServerInfo":{"Ring":"5"}}',
    ];
    const lines = [`    at ${said}`, `    for support: ${said}`, `    at x (${said})`, ...where];
    expect(redactReply({ stacktrace: [`Error: ${said}\n${lines.join('\n')}`] })).toEqual({
      stacktrace: [`[redacted]\n${where.join('\n')}`],
    });
  });

  test('replaces every address in every string, and nothing else', () => {
    expect(
      redactReply({
        reason: 'rejected <a.b+c@d.example>, "müller@firma.example"; x@y',
        list: ['a@b.example', 5, null, true],
        at: 'at @ 12:00 node_modules/@ms1/queue',
      }),
    ).toEqual({
      reason: 'rejected <[address]>, "[address]"; [address]',
      list: ['[address]', 5, null, true],
      at: 'at @ 12:00 node_modules/@ms1/queue',
    });
  });

  test('takes no longer for a text that was made to be slow', () => {
    const text = `${'a'.repeat(1_000_000)} ${'@'.repeat(1_000_000)}`;
    const started = performance.now();
    expect(redactReply(text)).toBe(text);
    // Milliseconds; a pattern that backtracks takes an hour.
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
