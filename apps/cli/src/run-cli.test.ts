import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ConsoleClient } from '@ms1/console-api';
import { CHECKS } from '@ms1/doctor';
import { COMMANDS } from './all-commands.ts';
import { runCli } from './run-cli.ts';

interface Answer {
  status?: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** ms1 as a function, a console that answers as `answer` says, and what a terminal of `columns` shows. */
function setup(answer: (url: string) => Answer = () => ({ body: [] }), columns?: number) {
  const requests: { method: string; url: string; body: unknown; key: string | undefined }[] = [];
  const api = new ConsoleClient({
    baseUrl: 'http://console',
    token: 'the-token',
    operator: 'somebody',
    newKey: () => `key-${requests.length}`,
    fetch: (input, init) => {
      const headers = init?.headers as Record<string, string>;
      const url = input.replace('http://console', '');
      const { method = '', body } = init ?? {};
      const sent = typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined;
      requests.push({ method, url, body: sent, key: headers['idempotency-key'] });
      const { status = 200, body: told, headers: more = {} } = answer(url);
      return Promise.resolve(new Response(JSON.stringify(told), { status, headers: more }));
    },
  });
  const out = { text: '', write: (text: string) => (out.text += text), ...tty(columns) };
  const err = { text: '', write: (text: string) => (err.text += text), ...tty(columns) };
  return {
    requests,
    out,
    err,
    run: (line: string, color = true) =>
      runCli({
        args: line.split(' ').filter(Boolean),
        stdout: out,
        stderr: err,
        color,
        connect: () => api,
        install: () => {
          throw new Error('not asked for');
        },
        wait: () => Promise.resolve(),
      }),
  };
}

const tty = (columns?: number) => (columns === undefined ? {} : { isTTY: true, columns });
const MAILBOX = '11111111-1111-4111-8111-111111111111';
const mailbox = { mailboxId: MAILBOX, label: 'invoices', state: 'active', folders: [] };

describe('a command line', () => {
  test.each([
    ['a command that is not there', 'frobnicate', 'frobnicate'],
    ['half a command', 'mailboxes', 'mailboxes list'],
    ['an option that is not there', 'status --bogus', 'bogus'],
    ['a word too many', 'sessions show a b', 'too many arguments'],
    ['no word where one is needed', 'sessions show', 'the session'],
    ['a number that is none', 'sessions list --limit many', 'whole number'],
    ['a time that is none', 'audit --from yesterday', 'RFC 3339'],
    ['a removal without --yes', `mailboxes remove ${MAILBOX}`, '--yes'],
    ['a replay without a reason', 'dead replay --all --yes', '--reason'],
    ['a put-back without a reason', 'mail put-back --yes', '--reason'],
    ['a replay of no reason', 'replay --yes', '--reason'],
    ['a change of nothing', `mailboxes change ${MAILBOX}`, '--label'],
    ['an unknown shell', 'completion tcsh', 'bash'],
    ['an unknown check', 'doctor --only teeth', 'redis.version'],
  ])('that holds %s ends with 2, says why, and asks nobody', async (_, line, says) => {
    const bundle = setup();
    expect(await bundle.run(line)).toBe(2);
    expect(bundle.err.text).toContain(says);
    expect([bundle.out.text, bundle.requests]).toEqual(['', []]);
  });

  test.each(Object.keys(COMMANDS))('%s has a --help of its own', async (name) => {
    const bundle = setup();
    expect(await bundle.run(`${name} --help`)).toBe(0);
    expect(bundle.out.text).toContain(`ms1 ${name}`);
    expect(bundle.out.text).toContain('--json');
    for (const option of Object.keys(COMMANDS[name]?.options ?? {})) {
      expect(bundle.out.text).toContain(`--${option}`);
    }
  });
});

describe('exit codes', () => {
  test.each([
    [200, 0],
    [400, 2],
    [401, 3],
    [403, 3],
    [404, 1],
    [409, 1],
    [500, 3],
    [503, 3],
  ])('an answer %i of the console ends with %i', async (status, code) => {
    const bundle = setup(() => ({ status, body: { title: 'No', status } }));
    expect(await bundle.run(`mailboxes show ${MAILBOX} --json`).catch(() => 0)).toBe(code);
  });

  test('mail that does not flow is a no, a concern alone is not', async () => {
    const overview = (verdict: string) => ({
      at: '2026-11-25T12:00:00Z',
      verdict,
      headline: verdict === 'stopped' ? 'Mail has stopped' : 'Mail is flowing',
      concerns: [{ level: verdict, code: 'x', text: 'outbound is paused.' }],
      rates: { noticed: 1, prepared: 1, delivered: null },
      totals: { queued: 1, prepared: 0, delivered: 7, skipped: 0, dead: 0 },
      queues: [],
      deadLetters: { total: 0 },
      mailboxes: { total: 2, stale: 0 },
      sessions: [],
    });
    const stopped = setup(() => ({ body: overview('stopped') }));
    expect(await stopped.run('status')).toBe(1);
    expect(stopped.out.text).toMatch(
      /^Mail has stopped \(as of 12:00:00 UTC\)\.\n {2}outbound is paused\./,
    );
    expect(await setup(() => ({ body: overview('attention') })).run('status')).toBe(0);
    const watched = setup(() => ({ body: overview('flowing') }));
    expect(await watched.run('watch --times 2 --json')).toBe(0);
    const lines = watched.out.text.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { verdict: string }).verdict)).toEqual([
      'flowing',
      'flowing',
    ]);
  });
});

describe('all mail of a filter', () => {
  const operation = {
    id: 'o',
    action: 'put-back',
    status: 'done',
    by: 'ana',
    matched: 3,
    done: 2,
    gone: 0,
    lost: 0,
    failed: 1,
    failures: { not_in_mailbox: 1 },
  };

  test('is put back when that is said twice, and its failures are a no', async () => {
    const preview = { dryRun: true, matched: 3, reasons: [{ reason: 'rule_size', count: 3 }] };
    const dry = setup(() => ({ body: { ...preview, samples: [] } }));
    const line = `mail put-back --mailbox ${MAILBOX} --why rule_size`;
    expect(await dry.run(line)).toBe(0);
    expect(dry.out.text).toMatch(/rule_size +3\n\n3 would be put back/);
    let looks = 0;
    const done = setup(() => {
      looks += 1;
      return { body: { ...operation, status: looks < 3 ? 'running' : 'done' } };
    });
    expect(await done.run(`${line} --yes --reason mended --rate 5`)).toBe(1);
    expect(done.out.text).toMatch(/not_in_mailbox 1/);
    const filter = { state: 'skipped', mailboxId: MAILBOX, reason: 'rule_size' };
    expect([dry.requests, done.requests].map(([first]) => [first?.url, first?.body])).toEqual([
      ['/api/messages/put-back', { filter }],
      ['/api/messages/put-back', { filter, perSecond: 5, dryRun: false, reason: 'mended' }],
    ]);
  });
});

describe('a replay of what was skipped', () => {
  const counts = { delivered: 1, skipped: 3, dead: 0, inFlight: 0, unexplained: 2 };
  const reasons = {
    'skipped:rule_size': 3,
    'unexplained:source_deleted': 1,
    'unexplained:job_gone': 1,
  };
  const report = {
    id: 'a',
    status: 'unexplained',
    listed: 6,
    missing: 0,
    counts,
    reasons,
    repaired: 0,
  };

  test('tells first, and does it when it is told to', async () => {
    const bundle = setup(() => ({ body: report }));
    expect(await bundle.run('replay --reason source_deleted --from 2026-11-01')).toBe(0);
    expect(bundle.out.text).toMatch(/rule_size +3\nsource_deleted +1\n\n1 would be put back/);
    expect(await bundle.run('replay --reason source_deleted --yes')).toBe(0);
    expect(bundle.requests.map(({ url, body }) => [url, body])).toEqual([
      [
        '/api/audits',
        { from: '2026-11-01T00:00:00.000Z', replay: 'source_deleted', repair: false },
      ],
      ['/api/audits', { replay: 'source_deleted', repair: true }],
    ]);
  });

  test('is a no where Graph counts more than it lists', async () => {
    const bundle = setup(() => ({ body: { ...report, missing: 4 } }));
    expect(await bundle.run('replay --reason rule_size')).toBe(1);
    expect(bundle.out.text).toContain('4 more messages');
  });
});

describe('--json', () => {
  test('is one document on stdout, and an error one line of problem details on stderr', async () => {
    const fine = setup(() => ({ body: [mailbox] }));
    expect(await fine.run('mailboxes list --json')).toBe(0);
    expect([JSON.parse(fine.out.text), fine.err.text]).toEqual([[mailbox], '']);
    const errors = [{ pointer: '/folders', code: 'too_small' }];
    const refused = setup(() => ({
      status: 400,
      body: { type: 'invalid', title: 'The request does not fit', status: 400, errors },
    }));
    expect(await refused.run('mailboxes list --json')).toBe(2);
    expect(refused.out.text).toBe('');
    expect(JSON.parse(refused.err.text)).toEqual({
      type: 'invalid',
      title: 'The request does not fit',
      status: 400,
      errors,
      exitCode: 2,
    });
    const wrong = setup();
    expect(await wrong.run('status --bogus --json')).toBe(2);
    expect(JSON.parse(wrong.err.text)).toMatchObject({ type: 'usage', exitCode: 2 });
  });
});

describe('lists', () => {
  test('are followed page by page on the same console, and no further than was asked for', async () => {
    const bundle = setup((url) => ({
      body: [mailbox, mailbox],
      headers: url.includes('cursor=c2')
        ? {}
        : {
            link: `<https://elsewhere/api/mailboxes?cursor=c${url.includes('cursor') ? 2 : 1}>; rel="next"`,
          },
    }));
    await bundle.run('mailboxes list --json');
    expect(JSON.parse(bundle.out.text)).toHaveLength(6);
    expect(bundle.requests.map(({ url }) => url)).toEqual([
      '/api/mailboxes?limit=500',
      '/api/mailboxes?cursor=c1',
      '/api/mailboxes?cursor=c2',
    ]);
    const few = setup(() => ({ body: [{}, {}], headers: { link: '</api/actions>; rel="next"' } }));
    await few.run('actions list --limit 3 --json');
    expect([JSON.parse(few.out.text), few.requests.length]).toEqual([[{}, {}, {}], 2]);
  });
});

describe('writes', () => {
  test('say what they are to do, each under a key of its own', async () => {
    const bundle = setup(() => ({ body: mailbox }));
    await bundle.run(`mailboxes add ${MAILBOX} --label invoices --folders inbox,archive --paused`);
    await bundle.run(`mailboxes change ${MAILBOX} --label other --if-revision 7`);
    await bundle.run(`mailboxes pause ${MAILBOX}`);
    await bundle.run(`mailboxes remove ${MAILBOX} --yes`);
    await bundle.run('queues pause outbound --reason maintenance');
    await bundle.run('log-level set debug --minutes 30 --reason case');
    await bundle.run('log-level reset');
    const added = { mailboxId: MAILBOX, label: 'invoices', folders: ['inbox', 'archive'] };
    expect(bundle.requests).toEqual([
      { method: 'POST', url: '/api/mailboxes', body: { ...added, state: 'paused' }, key: 'key-0' },
      {
        method: 'PATCH',
        url: `/api/mailboxes/${MAILBOX}`,
        body: { label: 'other', ifRevision: 7 },
        key: 'key-1',
      },
      { method: 'POST', url: `/api/mailboxes/${MAILBOX}/pause`, body: {}, key: 'key-2' },
      { method: 'DELETE', url: `/api/mailboxes/${MAILBOX}`, body: {}, key: 'key-3' },
      {
        method: 'POST',
        url: '/api/queues/outbound/pause',
        body: { reason: 'maintenance' },
        key: 'key-4',
      },
      {
        method: 'POST',
        url: '/api/log-level',
        body: { level: 'debug', minutes: 30, reason: 'case' },
        key: 'key-5',
      },
      { method: 'DELETE', url: '/api/log-level', body: {}, key: 'key-6' },
    ]);
  });
});

describe('on a terminal', () => {
  const wide = { ...mailbox, label: 'a label that is much longer than it has any need to be' };

  test.each([40, 60, 80, 120])('a table fits %i columns', async (columns) => {
    const bundle = setup(() => ({ body: [wide] }), columns);
    await bundle.run('mailboxes list', false);
    const lines = bundle.out.text.trimEnd().split('\n');
    const least = 8 * 8 + 7 * 2;
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(
      Math.max(columns, least),
    );
  });

  test('colour is for people who want it; in a pipe nothing is coloured or cut', async () => {
    const colored = setup(() => ({ body: [wide] }), 200);
    await colored.run('mailboxes list');
    expect(colored.out.text).toContain('\u001B[1m');
    for (const [columns, color] of [
      [200, false],
      [undefined, true],
    ] as const) {
      const plain = setup(() => ({ body: [wide] }), columns);
      await plain.run('mailboxes list', color);
      expect(plain.out.text).not.toContain('\u001B');
      expect(plain.out.text).toContain(wide.label);
    }
  });

  test('nothing that came from elsewhere steers it', async () => {
    const bundle = setup(() => ({ body: [{ ...mailbox, label: 'x\u001B[2J\u0007y' }] }));
    await bundle.run('mailboxes list');
    expect(bundle.out.text).toContain('x [2J y');
  });
});

describe('docs/cli.md', () => {
  const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

  test('names every command and every check', () => {
    const groups = Object.keys(COMMANDS).map((name) => name.split(' ')[0] ?? '');
    const missing = [...new Set(groups), ...CHECKS.map(({ name }) => name)].filter(
      (name) => !text.includes(`\`${name}`),
    );
    expect(missing).toEqual([]);
  });
});
