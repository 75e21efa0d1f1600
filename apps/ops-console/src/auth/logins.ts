import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ROLES, type Role } from '@ms1/console-api';
import type { Clock } from '@ms1/runtime';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

import type { Caller } from './caller.ts';
import type { KeyRing, ReadKeyRing } from './key-ring.ts';
import type { LoginStore } from './login-store.ts';
import type { PasswordCheck } from './password-check.ts';

/** A working day: long enough not to log in twice, short enough for a browser left open. */
export const LOGIN_LIFETIME_MS = 8 * 3_600_000;

/**
 * So far are the clocks of two consoles apart at most. What one of them finds over may hold at another for as long, and must
 * not come back there when its end is forgotten.
 */
const CLOCKS_APART_MS = 3_600_000;

const TYPE = 'ms1-login';
const ALGORITHM = 'HS256';

const Login = z.object({
  by: z.enum(['oidc', 'password']),
  sub: z.string(),
  role: z.enum(ROLES),
  /** the login's own random id */
  jti: z.string().regex(/^[\w-]{22}$/),
  /** seconds since the epoch */
  exp: z.number(),
  /** of a login by password: which password, for whoever has our key */
  pwd: z.string().optional(),
});
type Login = z.infer<typeof Login>;

export interface LoginsOptions {
  ring: ReadKeyRing;
  store: Pick<LoginStore, 'end' | 'ended'>;
  /** absent: a login by password holds no more */
  password?: PasswordCheck | undefined;
  passwordRole: Role;
  clock: Clock;
}

/**
 * Logins as signed tokens (JWT, HS256): who, with which role and until when, under a random key that all
 * consoles share, so that any of them knows the login of another. One that was logged out of is known by its
 * id to be over, in every console. A new password, or another role for it, ends the logins made with the old one.
 *
 * Whatever needs Redis here rejects while it does not answer: without it nobody can tell whether a login was
 * ended, and there is nothing that a console could show.
 */
export class Logins {
  readonly #options: LoginsOptions;

  constructor(options: LoginsOptions) {
    this.#options = options;
  }

  /** A fresh login, as its cookie holds it. */
  async begin({ by, subject, role }: Pick<Caller, 'by' | 'subject' | 'role'>): Promise<string> {
    const ring = await this.#options.ring();
    const key = ring.find(ring.newest, 'login');
    if (!key) throw new TypeError('there is no key to sign a login with');
    const pwd = by === 'password' ? await this.#markOf(ring, ring.newest) : undefined;
    return new SignJWT({ by, role, ...(pwd !== undefined && { pwd }) })
      .setProtectedHeader({ alg: ALGORITHM, kid: ring.newest, typ: TYPE })
      .setSubject(subject)
      .setJti(randomBytes(16).toString('base64url'))
      .setAudience(ring.storeId)
      .setExpirationTime(new Date(this.#options.clock.now() + LOGIN_LIFETIME_MS))
      .sign(key);
  }

  /** Whose login, if it holds. */
  async verify(token: string): Promise<Caller | null> {
    const login = await this.#read(token);
    if (!login) return null;
    const { jti, by, sub: subject, role } = login;
    if ((await this.#options.store.ended([jti])).has(jti)) return null;
    return { by, subject, role, cookie: true, loginId: jti };
  }

  /** Ends it in every console, whoever has a copy. One that holds in none is over already. */
  async end(token: string): Promise<void> {
    const login = await this.#read(token, CLOCKS_APART_MS);
    if (!login) return;
    const remainingMs = login.exp * 1_000 - this.#options.clock.now();
    await this.#options.store.end(login.jti, remainingMs + CLOCKS_APART_MS);
  }

  async #read(token: string, toleranceMs = 0): Promise<Login | null> {
    const ring = await this.#options.ring();
    let kid: string | undefined;
    const find = (header: { kid?: string }): Uint8Array => {
      const key = ring.find(header.kid, 'login');
      if (!key) throw new errors.JWKSNoMatchingKey();
      kid = header.kid;
      return key;
    };
    try {
      const { payload } = await jwtVerify(token, find, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        audience: ring.storeId,
        requiredClaims: ['exp', 'jti', 'sub'],
        currentDate: new Date(this.#options.clock.now()),
        clockTolerance: toleranceMs / 1_000,
      });
      const { data: login } = Login.safeParse(payload);
      if (!login || login.by === 'oidc') return login ?? null;
      return (await this.#isOfThisPassword(login, ring, kid)) ? login : null;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  async #isOfThisPassword({ role, pwd = '' }: Login, ring: KeyRing, kid?: string) {
    if (role !== this.#options.passwordRole) return false;
    const mark = Buffer.from((await this.#markOf(ring, kid)) ?? '');
    const given = Buffer.from(pwd);
    return mark.length > 0 && given.length === mark.length && timingSafeEqual(given, mark);
  }

  /** Tells a password from another one to whoever has the key, and to nobody else. */
  async #markOf(ring: KeyRing, kid: string | undefined): Promise<string | undefined> {
    const key = ring.find(kid, 'password');
    const digest = await this.#options.password?.digest(ring.storeId);
    return key && digest && createHmac('sha256', key).update(digest).digest('base64url');
  }
}
