import {
  constants,
  createCipheriv,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { certificateIdOf, toCompleteMetadata } from '@ms1/graph-client';

import { decryptContent } from './decrypt-content.ts';
import { forDecryption, readPrivateKeys } from './private-keys.ts';

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, publicKey, id: certificateIdOf(publicKey) };
};
const current = pair();
const previous = pair();
const keys = await forDecryption(readPrivateKeys(`${current.pem}\n${previous.pem}`));

/** As Graph encrypts (docs/graph-contract.md#encrypted-content), with node:crypto's other interface. */
function encrypt(text: string, { publicKey, id } = current, oaepHash = 'sha1') {
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return {
    data: data.toString('base64'),
    dataKey: publicEncrypt({ key: publicKey, padding, oaepHash }, key).toString('base64'),
    dataSignature: createHmac('sha256', key).update(data).digest('base64'),
    certificateId: id,
    key,
  };
}

const message = { subject: 'Rechnung Nº 7 – überfällig', from: null };
const refusal = (code: string) => expect.objectContaining({ code });

describe('decryptContent', () => {
  test('reads what was encrypted for the key in use and for the one before it', async () => {
    const text = JSON.stringify(message);
    expect(await decryptContent(encrypt(text), keys)).toEqual(message);
    expect(await decryptContent(encrypt(text, previous), keys)).toEqual(message);
  });

  test('refuses what was encrypted for a key that is gone', async () => {
    await expect(decryptContent(encrypt('{}', pair()), keys)).rejects.toEqual(
      refusal('key_unknown'),
    );
  });

  test('refuses a data key that was encrypted otherwise, for another key, or is none', async () => {
    const text = JSON.stringify(message);
    const wrong = [
      encrypt(text, current, 'sha256'),
      { ...encrypt(text, previous), certificateId: current.id },
      { ...encrypt(text), dataKey: 'AAAA' },
      { ...encrypt(text), dataKey: '' },
    ];
    for (const content of wrong) {
      await expect(decryptContent(content, keys)).rejects.toEqual(refusal('key_unreadable'));
    }
  });

  test('refuses data that was changed before it decrypts any of it, and a signature over the base64 text', async () => {
    const content = encrypt(JSON.stringify(message));
    const bytes = Buffer.from(content.data, 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const overText = createHmac('sha256', content.key).update(content.data).digest('base64');
    const wrong = [
      { ...content, data: bytes.toString('base64') },
      { ...content, dataSignature: overText },
      { ...content, dataSignature: content.dataSignature.slice(0, 20) },
      { ...content, dataSignature: '' },
    ];
    for (const one of wrong) {
      await expect(decryptContent(one, keys)).rejects.toEqual(refusal('signature_wrong'));
    }
  });

  test('refuses what is signed and no JSON', async () => {
    await expect(decryptContent(encrypt('<html>'), keys)).rejects.toEqual(
      refusal('data_unreadable'),
    );
  });

  test.each([
    '',
    'nothing',
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  ])('has no use for keys like %.30j', (pems) => {
    expect(() => readPrivateKeys(pems)).toThrow(RangeError);
  });

  test('names a key by its public half alone, whoever derives it', () => {
    expect(certificateIdOf(createPublicKey(current.pem))).toBe(current.id);
    expect(current.id).toMatch(/^[\w-]{43}$/);
  });
});

const example = join(
  import.meta.dirname,
  '../../../../../shared/graph/examples/notification-rich-decrypted-message.json',
);

(existsSync(example) ? describe : describe.skip)('the documented content', () => {
  test('reads notification-rich-decrypted-message.json, which is not the whole of a message', async () => {
    const text = readFileSync(example, 'utf8');
    const plain = await decryptContent(encrypt(text), keys);
    expect(plain).toEqual(JSON.parse(text));
    // It has no recipients, for instance: the processor fetches the message.
    expect(toCompleteMetadata(plain, 'AAMkAGUwNjQ4ZjIxLTQ3Y2Y8AAA=')).toBeNull();
    const rest = {
      internetMessageId: '<a@b>',
      conversationId: 'c',
      sender: null,
      toRecipients: [],
      ccRecipients: [],
      replyTo: [],
      sentDateTime: null,
      createdDateTime: null,
      webLink: null,
      hasAttachments: true,
      isDraft: false,
      parentFolderId: 'inbox',
    };
    const whole = { ...(plain as object), ...rest };
    expect(toCompleteMetadata(whole, 'AAMk')).toMatchObject({
      subject: 'TEST MESSAGE FOR RICH NOTIFICATIONS',
      receivedAt: '2021-12-30T10:53:35.000Z',
      from: { name: 'Megan Brown', address: 'Megan.Brown@microsoft.com' },
      hasAttachments: true,
    });
    expect(toCompleteMetadata({ ...whole, id: 'another' }, 'AAMk')).toBeNull();
    expect(toCompleteMetadata({ ...whole, isDraft: true }, 'AAMk')).toBeNull();
  });
});
