import { describe, expect, test } from '@jest/globals';

import { ApiTokens, apiToken, findToken } from './api-tokens.ts';

const [reader, admin] = [apiToken('grafana', 'reader', 'one'), apiToken('ops', 'admin', 'two')];
const LINES = `# tokens
grafana reader ${reader.sha256}   # of the dashboard

ops  admin ${admin.sha256.toUpperCase()}`;

function problemsOf(text: string): string[] {
  return ApiTokens.safeParse(text).error?.issues.map(({ message }) => message) ?? [];
}

describe('ApiTokens', () => {
  test('reads lines with comments, and the same as JSON', () => {
    const upper = { ...admin, sha256: admin.sha256.toUpperCase() };
    expect(ApiTokens.parse(LINES)).toEqual([reader, upper]);
    expect(ApiTokens.parse(JSON.stringify([reader, admin]))).toEqual([reader, admin]);
    expect(findToken(ApiTokens.parse(LINES), 'two')?.name).toBe('ops');
  });

  test.each([
    ['a token instead of its digest', 'ops admin a-token-in-the-clear', 'entry 1: a SHA-256'],
    ['a role that is none', `ops root ${admin.sha256}`, 'entry 1: '],
    ['too many words', `ops admin ${admin.sha256} more`, 'entry 1: '],
    ['one name twice', `ops admin ${admin.sha256}\nops reader ${reader.sha256}`, 'the same name'],
    ['broken JSON', '[{', 'Invalid'],
  ])('refuses %s, without repeating it', (_name, text, message) => {
    const problems = problemsOf(text).join('\n');
    expect(problems).toContain(message);
    expect(problems).not.toContain('in-the-clear');
  });

  test('finds only the token whose digest it is', () => {
    expect(findToken([reader, admin], 'one')).toEqual(reader);
    for (const wrong of ['', 'One', 'one ', reader.sha256]) {
      expect(findToken([reader, admin], wrong)).toBeNull();
    }
  });
});
