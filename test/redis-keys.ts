import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { root } from './workspaces.ts';

/** A row of docs/redis-keys.md. */
export interface KeyRow {
  /** as it is written, without the prefix of all keys */
  readonly key: string;
  readonly pattern: RegExp;
  /** as Redis answers to TYPE; `none` where such a key is never made */
  readonly type: string;
  readonly owner: string;
  /** `none`, a duration, or `none or` a duration */
  readonly expires: string;
  /** what its value says of a message or a person: a word that the page explains */
  readonly holds: string;
}

export interface StoredKey {
  readonly key: string;
  readonly type: string;
  /** ms; -1 when it does not expire */
  readonly ttl: number;
}

const TASK = '(?:(?:first|asked|sooner|scan|audit)-[\\w-]+|repeat:[\\w-]+:\\d+)';
/** What the parts of a key stand for in that table. */
const PARTS: Record<string, string> = {
  q: '(?:inbound|outbound|polling)',
  key: '[\\w-]{22}',
  hash: '[\\w-]{22}',
  id: '[\\w-]+',
  n: '\\d+',
  kind: '(?:gone|refused|wrong)',
  task: TASK,
  job: `(?:m-[\\w-]{22}|${TASK})`,
  part: '(?:logs|dependencies|processed|failed|unsuccessful)',
};
const UNITS: Record<string, number> = { s: 1e3, min: 60e3, h: 3_600e3, d: 86_400e3 };

export function readKeyRows(): KeyRow[] {
  const page = readFileSync(join(root, 'docs', 'redis-keys.md'), 'utf8');
  const rows = page.matchAll(
    /^\| `(?<key>[^`]+:[^`]+)` +\| (?<type>\w+) +\| `?(?<owner>\w+)`? +\| (?<expires>[^|]+?) +\| (?<holds>\w+) +\|/gm,
  );
  return [...rows].map(({ groups = {} }) => {
    const { key = '', type = '', owner = '', expires = '', holds = '' } = groups;
    const pattern = key.replaceAll(/<(\w+)>/g, (part, name: string) => PARTS[name] ?? part);
    return { key, pattern: new RegExp(`^${pattern}$`), type, owner, expires, holds };
  });
}

export function rowsOf(key: string, rows: readonly KeyRow[]): KeyRow[] {
  return rows.filter(({ pattern }) => pattern.test(key.replace(/^\{ms1\}:/, '')));
}

/** What is wrong with keys by the table; their own names are left out, so that many of a kind are one fault. */
export function faultsOf(stored: readonly StoredKey[], rows: readonly KeyRow[]): string[] {
  const faults = stored.map(({ key, type, ttl }) => {
    const matching = rowsOf(key, rows);
    const [row] = matching;
    if (!row || matching.length > 1) return `${key} is in ${matching.length} rows`;
    if (type !== row.type) return `${row.key} is a ${type}`;
    return expiresAs(row.expires, ttl)
      ? ''
      : `${row.key} expires after ${Math.round(ttl / 60e3)} min`;
  });
  return [...new Set(faults)].filter((fault) => fault !== '');
}

function expiresAs(expires: string, ttl: number): boolean {
  const [, count, unit = ''] = /(\d+) (\w+)$/.exec(expires) ?? [];
  if (ttl < 0) return expires.startsWith('none');
  return ttl <= Number(count ?? 0) * (UNITS[unit] ?? 0);
}

/** Every key that a fleet has left in its Redis, once it has stopped: from a copy of its append-only file. */
export async function readStoredKeys(dataDir: string): Promise<StoredKey[]> {
  const dir = mkdtempSync(join(tmpdir(), 'ms1-redis-keys-'));
  cpSync(join(dataDir, 'redis'), dir, { recursive: true });
  await using server = await startRedis({ dir, flags: { appendonly: 'yes' } });
  const redis = new Redis(server.url);
  try {
    const keys = await redis.keys('*');
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.type(key).pttl(key);
    const answers = (await pipeline.exec()) ?? [];
    const value = (index: number): unknown => answers[index]?.[1];
    return (
      keys
        .map((key, n) => ({ key, type: String(value(2 * n)), ttl: Number(value(2 * n + 1)) }))
        // It expired between the two looks.
        .filter(({ type }) => type !== 'none')
    );
  } finally {
    redis.disconnect();
  }
}
