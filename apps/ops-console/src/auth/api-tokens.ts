import { createHash, timingSafeEqual } from 'node:crypto';
import { ROLES, type Role } from '@ms1/console-api';
import { z } from 'zod';

/** A bearer token as the console knows it: by its digest, never by itself. */
export interface ApiToken {
  /** as the operator log shows it */
  name: string;
  role: Role;
  /** of the token, 64 hexadecimal digits */
  sha256: string;
}

const Token = z.strictObject({
  name: z.string().regex(/^[\w.@-]{1,64}$/, 'a name has 1 to 64 letters, digits or ._@-'),
  role: z.enum(ROLES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/i, 'a SHA-256 has 64 hexadecimal digits'),
});

/** `name role sha256` a line, `#` begins a comment; or the same as a JSON array of objects. */
export const ApiTokens = z.string().transform((text, context): ApiToken[] => {
  const entries = text.trim().startsWith('[') ? fromJson(text) : fromLines(text);
  const tokens = z.array(Token).safeParse(entries);
  if (!tokens.success) {
    const [issue] = tokens.error.issues;
    const [index] = issue?.path ?? [];
    const where = typeof index === 'number' ? `entry ${index + 1}: ` : '';
    context.addIssue(`${where}${issue?.message ?? 'is not a list of tokens'}`);
    return z.NEVER;
  }
  const names = tokens.data.map(({ name }) => name);
  if (new Set(names).size < names.length) context.addIssue('two tokens have the same name');
  return tokens.data;
});

/**
 * The token that was sent, by name and role; null when there is none such. Every digest is compared, in a
 * time that tells nothing of them, whichever fits.
 */
export function findToken(tokens: readonly ApiToken[], given: string): ApiToken | null {
  const digest = createHash('sha256').update(given).digest();
  let found: ApiToken | null = null;
  for (const token of tokens) {
    if (timingSafeEqual(digest, Buffer.from(token.sha256, 'hex'))) found = token;
  }
  return found;
}

/** A token that is known by itself and not by its digest. */
export function apiToken(name: string, role: Role, token: string): ApiToken {
  return { name, role, sha256: createHash('sha256').update(token).digest('hex') };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fromLines(text: string): object[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [name, role, sha256, ...more] = line.split(/\s+/);
      return more.length > 0 ? {} : { name, role, sha256 };
    });
}
