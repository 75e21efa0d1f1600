import { describe, expect, test } from '@jest/globals';

import { createKeyRing, OwnKeys } from './key-ring.ts';

const secretOf = (letter: string): string => Buffer.from(letter.repeat(32)).toString('base64url');
const [OLD, NEW] = [`2026-10:${secretOf('o')}`, `2026-11:${secretOf('n')}`];

function problemsOf(text: string): string[] {
  return OwnKeys.safeParse(text).error?.issues.map(({ message }) => message) ?? [];
}

describe('OwnKeys', () => {
  test('are separated by commas or lines, the first one signs', async () => {
    const keys = OwnKeys.parse(`${NEW}\n${OLD}\n`);
    expect(OwnKeys.parse(`${NEW}, ${OLD}`)).toEqual(keys);
    const ring = await createKeyRing(
      { keys: async () => ({ id: 'store', keys: [{ id: 'made', secret: secretOf('m'), at: 0 }] }) },
      keys,
    )();
    expect(ring).toMatchObject({ storeId: 'store', newest: '2026-11' });
    expect(ring.find('2026-10', 'login')).toHaveLength(32);
    // The keys in Redis are another matter, and one key is never used for two things.
    expect(ring.find('made', 'login')).toBeUndefined();
    expect(ring.find(undefined, 'login')).toBeUndefined();
    expect(ring.find('2026-10', 'login')).not.toEqual(ring.find('2026-10', 'password'));
  });

  test.each([
    ['a short key', `a:${Buffer.from('x'.repeat(31)).toString('base64url')}`, 'entry 1: a key has'],
    ['a key without an id', secretOf('x'), 'entry 1: '],
    ['a key that is not base64url', `${OLD},b:${'+/'.repeat(30)}`, 'entry 2: a key has'],
    ['too many parts', `${OLD}:x`, 'entry 1: '],
    ['one id twice', `${OLD},${OLD}`, 'two keys have the same id'],
    ['nothing', ' , ', 'holds no key'],
  ])('refuses %s, without repeating it', (_name, text, message) => {
    const problems = problemsOf(text).join('\n');
    expect(problems).toContain(message);
    expect(problems).not.toContain(secretOf('o'));
    expect(problems).not.toContain('+/');
  });
});
