import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { LoginStore } from './login-store.ts';

/** A key that an operator keeps. */
export interface OwnKey {
  id: string;
  secret: string;
}

const OwnKey = z.object({
  id: z.string().regex(/^[\w.-]{1,32}$/, 'a key has an id of 1 to 32 letters, digits or ._-'),
  secret: z
    .string()
    .refine((text) => /^[\w-]+$/.test(text) && Buffer.from(text, 'base64url').length >= 32, {
      message: 'a key has at least 32 bytes in base64url',
    }),
});

/** `id:secret`, separated by commas or lines: the first one signs, all of them verify. */
export const OwnKeys = z.string().transform((text, context): OwnKey[] => {
  const entries = text
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [id, secret, ...more] = entry.split(':');
      return more.length > 0 ? {} : { id, secret };
    });
  const keys = z.array(OwnKey).min(1, 'holds no key').safeParse(entries);
  if (!keys.success) {
    const [issue] = keys.error.issues;
    const [index] = issue?.path ?? [];
    const where = typeof index === 'number' ? `entry ${index + 1}: ` : '';
    context.addIssue(`${where}${issue?.message ?? 'is not a list of keys'}`);
    return z.NEVER;
  }
  const ids = keys.data.map(({ id }) => id);
  if (new Set(ids).size < ids.length) context.addIssue('two keys have the same id');
  return keys.data;
});

/** What a key is used for. Each use has a key of its own, so that nothing made for one passes for another. */
type KeyUse = 'login' | 'login attempt' | 'password';

/** The keys that hold at this moment. */
export interface KeyRing {
  /** of the store that remembers which logins were ended: what was made beside another one is void */
  storeId: string;
  /** the id of the key that signs */
  newest: string;
  /** undefined for an id that holds no more, or never did */
  find(id: string | undefined, use: KeyUse): Uint8Array | undefined;
}

export type ReadKeyRing = () => Promise<KeyRing>;

/** Reads the keys of the fleet, or takes those that are configured; the store is asked either way. */
export function createKeyRing(
  store: Pick<LoginStore, 'keys'>,
  own?: readonly OwnKey[],
): ReadKeyRing {
  return async () => {
    const made = await store.keys();
    const keys = own ?? made.keys;
    return {
      storeId: made.id,
      newest: keys[0]?.id ?? '',
      find(id, use) {
        const key = keys.find((one) => one.id === id);
        if (!key) return undefined;
        const secret = Buffer.from(key.secret, 'base64url');
        return new Uint8Array(hkdfSync('sha256', secret, '', `ms1 console ${use}`, 32));
      },
    };
  };
}
