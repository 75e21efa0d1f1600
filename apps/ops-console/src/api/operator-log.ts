import { Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';

/** Something an operator did, or tried to do. */
export interface OperatorAction {
  /** what proved who it is: `token`, `oidc` or `password` */
  by: string;
  /** who that is, as far as it was proved: a token's name, an OIDC subject, a login; absent on lines of 0.1.0 */
  subject?: string | undefined;
  /** the name they gave themselves, which nothing proves */
  name: string | null;
  /** `POST /dead-letters/replay` */
  action: string;
  /** what exactly: parameters and body, without personal data */
  detail: unknown;
  /** HTTP status of the answer; null: this line was written before anything happened */
  status: number | null;
  /** id of the line of its beginning */
  of: string | null;
}

export interface LoggedAction extends OperatorAction {
  /** Redis stream id: ms since the epoch, and a number */
  id: string;
  /** ms since the epoch */
  at: number;
}

export interface OperatorLogOptions extends KeeperOptions {
  /** ms; default 400 days: a year and an audit season */
  retentionMs?: number;
}

const RETENTION_MS = 400 * 24 * 3_600_000;

/** What operators did, by whom and when: a stream that is only ever appended to, and trimmed by age alone. */
export class OperatorLog extends Keeper {
  readonly #key = storeKey(this.prefix, 'operator', 'actions');
  readonly #retentionMs: number;

  constructor(redis: Redis, options: OperatorLogOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
  }

  /** @returns the id of the line */
  async append(action: OperatorAction): Promise<string> {
    const oldest = Math.max(0, this.clock.now() - this.#retentionMs);
    // Exactly, not about: what may be kept no longer is gone.
    const trim = ['MINID', '=', oldest] as const;
    const id = await this.redis.xadd(this.#key, ...trim, '*', 'action', JSON.stringify(action));
    return id ?? '';
  }

  /** The latest first; `before` is the id of the last line of the page before. */
  async list({ limit = 100, before = '' } = {}): Promise<LoggedAction[]> {
    const end = before === '' ? '+' : `(${before}`;
    const lines = await this.redis.xrevrange(this.#key, end, '-', 'COUNT', limit);
    return lines.map(([id, [, json = '{}']]) => ({
      id,
      at: Number(id.split('-')[0]),
      ...(JSON.parse(json) as OperatorAction),
    }));
  }
}
