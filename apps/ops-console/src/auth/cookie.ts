import type { Request } from 'express';

export interface CookieOptions {
  name: string;
  sameSite: 'Strict' | 'Lax';
  /** where browsers reach the console; absent: as the request came */
  publicUrl?: string | undefined;
}

/** Of one name that are looked at: ours, and what a neighbour may have set. A header has room for a thousand. */
const VALUES_MAX = 3;

/**
 * A cookie of this host alone. Where browsers come by https it is for https only, and named with the
 * prefix `__Host-`, under which no browser takes one from another host, from plain http or for a part of
 * the paths; one without the prefix is then not looked at.
 */
export class Cookie {
  readonly #options: CookieOptions;

  constructor(options: CookieOptions) {
    this.#options = options;
  }

  /** The values that a request carries under the name: several, where somebody else could set one too. */
  read(req: Request): string[] {
    const start = `${this.#nameFor(req)}=`;
    return (req.headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(start) && pair.length > start.length)
      .map((pair) => pair.slice(start.length))
      .slice(0, VALUES_MAX);
  }

  /** The Set-Cookie header. */
  set(req: Request, value: string, maxAgeSeconds: number): string {
    const parts = [
      `${this.#nameFor(req)}=${value}`,
      'Path=/',
      `Max-Age=${maxAgeSeconds}`,
      'HttpOnly',
      `SameSite=${this.#options.sameSite}`,
    ];
    if (this.#isSecure(req)) parts.push('Secure');
    return parts.join('; ');
  }

  /** The Set-Cookie header that takes it away. */
  clear(req: Request): string {
    return this.set(req, '', 0);
  }

  #nameFor(req: Request): string {
    return this.#isSecure(req) ? `__Host-${this.#options.name}` : this.#options.name;
  }

  /** What is configured counts, whatever a proxy says or forgets to say. */
  #isSecure(req: Request): boolean {
    const { publicUrl } = this.#options;
    return publicUrl === undefined ? req.secure : new URL(publicUrl).protocol === 'https:';
  }
}
