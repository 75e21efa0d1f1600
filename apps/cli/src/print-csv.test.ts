import { describe, expect, test } from '@jest/globals';
import { ConsoleClient } from '@ms1/console-api';

import { runCli } from './run-cli.ts';

/** ms1 against a console whose log has `lines` lines, in pages. */
function setup(lines: number, status = 200) {
  const asked: string[] = [];
  const answer = (input: string): Promise<Response> => {
    const url = new URL(input);
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const limit = Number(url.searchParams.get('limit'));
    asked.push(`${from} ${limit}`);
    const to = Math.min(lines, from + limit);
    const page = Array.from({ length: to - from }, (_, n) => ({
      id: `${from + n}-0`,
      at: '2026-11-30T12:00:00Z',
      by: 'token',
      subject: 'a',
      name: '=1+1',
      action: 'POST /audits',
      detail: { from: null },
      status: null,
      of: null,
    }));
    const link = { link: `</api/actions?limit=${limit}&cursor=${to}>; rel="next"` };
    const body = status === 200 ? page : { title: 'No', status };
    return Promise.resolve(
      new Response(JSON.stringify(body), { status, headers: to < lines ? link : {} }),
    );
  };
  const out = { text: '', write: (text: string) => (out.text += text) };
  const err = { text: '', write: (text: string) => (err.text += text) };
  const address = { baseUrl: 'http://console', token: 'the-token', newKey: () => 'key' };
  return {
    asked,
    out,
    run: (line: string) =>
      runCli({
        args: line.split(' '),
        stdout: out,
        stderr: err,
        connect: () => new ConsoleClient({ ...address, fetch: answer }),
        install: () => {
          throw new Error('not asked for');
        },
        wait: () => Promise.resolve(),
      }),
  };
}

describe('--csv', () => {
  test('prints a list to its end, page by page, as the console would send it', async () => {
    const bundle = setup(1_100);
    expect(await bundle.run('actions list --csv')).toBe(0);
    const lines = bundle.out.text.split('\r\n');
    expect(lines).toHaveLength(1_102);
    expect(lines[0]).toBe('\uFEFFid,at,by,subject,name,action,detail,status,of');
    expect(lines[1]).toBe(
      `0-0,2026-11-30T12:00:00Z,token,a,'=1+1,POST /audits,"{""from"":null}",,`,
    );
    expect(bundle.asked).toEqual(['0 500', '500 500', '1000 500']);
  });

  test('prints as many as were asked for, and without it a list stays at 100', async () => {
    const bundle = setup(1_100);
    await bundle.run('actions list --csv --limit 600');
    expect(bundle.out.text.split('\r\n')).toHaveLength(602);
    const plain = setup(1_100);
    await plain.run('actions list');
    expect(plain.asked).toEqual(['0 100']);
  });

  test('prints nothing that looks like an empty list where it is refused', async () => {
    const bundle = setup(10, 403);
    expect(await bundle.run('actions list --csv')).toBe(3);
    expect(bundle.out.text).toBe('');
  });
});
