import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';

import { root } from './workspaces.ts';

/** A key as Redis has it, with everything in it. */
export interface KeptKey {
  readonly key: string;
  readonly type: string;
  /** it goes by itself */
  readonly expires: boolean;
  readonly text: string;
}

/** A line of the table of keys in docs/personal-data.md. */
export interface KeyRow {
  readonly pattern: RegExp;
  readonly line: string;
  /** it may hold what a mail says */
  readonly holdsMail: boolean;
  /** it goes by itself; else the page says why it stays */
  readonly expires: boolean;
}

/** The rows of the page that begin with the name of a key; `*` stands for an id. */
export function keyRows(): KeyRow[] {
  const page = readFileSync(join(root, 'docs', 'personal-data.md'), 'utf8');
  return [...page.matchAll(/^\| (`\{ms1\}:[^|]*) \| ([^|]*) \| ([^|]*) \|$/gm)].map(
    ([line, names = '', holds = '', until = '']) => ({
      pattern: new RegExp(
        `^(?:${[...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => patternOf(name)).join('|')})$`,
      ),
      line,
      holdsMail: holds.trim().startsWith('metadata'),
      expires: !until.trim().startsWith('stays'),
    }),
  );
}

function patternOf(name: string): string {
  return name.replaceAll(/[{}.]/g, String.raw`\$&`).replaceAll('*', '.+');
}

/** Redis whole, value by value. */
export async function everyKey(redis: Redis): Promise<KeptKey[]> {
  const kept: KeptKey[] = [];
  for await (const keys of redis.scanStream({ count: 1_000 })) {
    for (const key of keys as string[]) {
      const type = await redis.type(key);
      if (type === 'none') continue;
      const expires = (await redis.pttl(key)) >= 0;
      kept.push({ key, type, expires, text: JSON.stringify(await contentOf(redis, key, type)) });
    }
  }
  return kept;
}

function contentOf(redis: Redis, key: string, type: string): Promise<unknown> {
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, 0, -1, 'WITHSCORES');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      throw new Error(`${key} is a ${type}: nobody looks into it`);
  }
}
