import { describe, expect, test } from '@jest/globals';
import { PayloadTooNewError, parsePayload } from '@ms1/contracts';
import { z } from 'zod';

import { payloadKey } from './payload-keys.ts';
import { PayloadSealer } from './payload-sealer.ts';

const keyOf = (id: string, byte: number) => payloadKey(id, Buffer.alloc(32, byte));
const [old, fresh] = [keyOf('old', 1), keyOf('fresh', 2)];
const payload = { v: 1, subject: 'Rechnung für Frau Muster 🧾', list: [1, null] };
const invalid = expect.objectContaining({ code: 'payload_invalid' });
const isLeftAlone = (keyId: string) => expect.objectContaining({ code: 'payload_sealed', keyId });

/** What is read back from Redis. */
const stored = <T>(data: T): T => JSON.parse(JSON.stringify(data)) as T;
/** Changes one character of the base64. */
const changed = (data: object, at: number) => {
  const { v, sealed } = data as { v: number; sealed: string };
  const index = at < 0 ? sealed.length + at : sealed.lastIndexOf('.') + 1 + at;
  const other = sealed[index] === 'A' ? 'B' : 'A';
  return { v, sealed: `${sealed.slice(0, index)}${other}${sealed.slice(index + 1)}` };
};

describe('PayloadSealer', () => {
  test('opens what it sealed, in which nothing can be read', () => {
    const payloads = new PayloadSealer({ keys: [old] });
    const sealed = stored(payloads.seal('m-1', payload));
    expect(payloads.open('m-1', sealed)).toEqual(payload);
    expect(Object.keys(sealed)).toEqual(['v', 'sealed']);
    expect(JSON.stringify(sealed)).not.toContain('Muster');
    expect(Buffer.from(JSON.stringify(sealed), 'base64').toString()).not.toContain('Muster');
    // Twice the same is not to be seen to be the same.
    expect(payloads.seal('m-1', payload)).not.toEqual(sealed);
  });

  test('never uses an iv twice', () => {
    const payloads = new PayloadSealer({ keys: [old] });
    const ivs = Array.from({ length: 1_000 }, () => {
      const { sealed } = payloads.seal('m-1', payload) as { sealed: string };
      return sealed.slice(sealed.lastIndexOf('.') + 1).slice(0, 16);
    });
    expect(new Set(ivs).size).toBe(1_000);
  });

  test('without a key stores and reads what there is', () => {
    const payloads = new PayloadSealer();
    expect(payloads.seal('m-1', payload)).toBe(payload);
    expect(payloads.open('m-1', payload)).toBe(payload);
  });

  test.each([[payload], [{}], [null], [undefined], ['text'], [{ v: 3, sealed: 'x' }], [{ v: 2 }]])(
    'answers %j, which is not sealed, as it is',
    (data) => {
      expect(new PayloadSealer({ keys: [old] }).open('m-1', data)).toBe(data);
    },
  );

  test('two ciphertexts that were swapped do not open', () => {
    const payloads = new PayloadSealer({ keys: [old] });
    const sealed = payloads.seal('m-1', payload);
    expect(() => payloads.open('m-2', sealed)).toThrow(invalid);
  });

  test.each([
    ['iv', 3],
    ['ciphertext', 24],
    ['tag', -6],
  ])('does not open with a changed %s', (_, at) => {
    const payloads = new PayloadSealer({ keys: [old] });
    const sealed = payloads.seal('m-1', payload);
    expect(() => payloads.open('m-1', changed(sealed, at))).toThrow(invalid);
  });

  test.each(['', 'old', 'old.', `old.${old.mark}.`, `old.${old.mark}.AAAA`, 'a@b.example.x'])(
    'does not open %j',
    (sealed) => {
      const payloads = new PayloadSealer({ keys: [old] });
      expect(() => payloads.open('m-1', { v: 2, sealed })).toThrow(invalid);
    },
  );

  test('a new key seals, the old one still opens', () => {
    const before = new PayloadSealer({ keys: [old] });
    const after = new PayloadSealer({ keys: [fresh, old] });
    const sealed = after.seal('m-1', payload);
    expect(sealed).toMatchObject({ sealed: expect.stringMatching(/^fresh\./) });
    expect(after.open('m-1', sealed)).toEqual(payload);
    expect(after.open('m-1', before.seal('m-1', payload))).toEqual(payload);
    expect(() => before.open('m-1', sealed)).toThrow(isLeftAlone('fresh'));
  });

  test('another key under the same name is one that is not here, and nothing dies of the mistake', () => {
    const sealed = new PayloadSealer({ keys: [old] }).seal('m-1', payload);
    const wrong = new PayloadSealer({ keys: [keyOf('old', 9)] });
    expect(() => wrong.open('m-1', sealed)).toThrow(isLeftAlone('old'));
  });

  test('a key that is not here is told once, and held against the process until it comes no more', () => {
    const told: string[] = [];
    let now = 0;
    const payloads = new PayloadSealer({ onUnknownKey: (id) => told.push(id), now: () => now });
    const sealed = new PayloadSealer({ keys: [old] }).seal('m-1', payload);
    payloads.assertKnown();
    for (const id of ['m-1', 'm-2']) expect(() => payloads.open(id, sealed)).toThrow();
    expect(told).toEqual(['old']);
    now = 60_000;
    expect(() => payloads.assertKnown()).toThrow(/PAYLOAD_KEY/);
    now = 200_000;
    payloads.assertKnown();
  });

  test('is left alone by a release that knows nothing of it', () => {
    const sealed = new PayloadSealer({ keys: [old] }).seal('m-1', payload);
    expect(() => parsePayload(z.any(), sealed)).toThrow(PayloadTooNewError);
  });
});
