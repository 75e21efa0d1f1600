/** The roles that have users of their own. */
export type RightsOf = 'ingest-api' | 'poller' | 'processor' | 'ms4-sender' | 'ops-console';

/** A command and the least that may follow it; KEY is one of ours. */
type Commands = Readonly<Record<string, string>>;

/** Of all roles: each adds to queues, and reads and notes what became of messages. */
const EVERY: Commands = {
  info: '',
  ping: '',
  time: '',
  wait: '0 0',
  eval: 'return 0',
  evalsha: 'none 0',
  exists: 'KEY',
  del: 'KEY',
  unlink: 'KEY',
  type: 'KEY',
  pexpire: 'KEY 1',
  pttl: 'KEY',
  get: 'KEY',
  set: 'KEY v',
  mget: 'KEY',
  incr: 'KEY',
  incrby: 'KEY 1',
  hget: 'KEY f',
  hset: 'KEY f v',
  hmget: 'KEY f',
  hmset: 'KEY f v',
  hgetall: 'KEY',
  hvals: 'KEY',
  hdel: 'KEY f',
  hexists: 'KEY f',
  hincrby: 'KEY f 1',
  hlen: 'KEY',
  hkeys: 'KEY',
  lpush: 'KEY v',
  rpush: 'KEY v',
  llen: 'KEY',
  lindex: 'KEY 0',
  lrange: 'KEY 0 0',
  sadd: 'KEY m',
  srem: 'KEY m',
  scard: 'KEY',
  smembers: 'KEY',
  zadd: 'KEY 0 m',
  zcard: 'KEY',
  zcount: 'KEY 0 0',
  zscore: 'KEY m',
  zrem: 'KEY m',
  zrange: 'KEY 0 0',
  zrangebyscore: 'KEY 0 0',
  zrevrange: 'KEY 0 0',
  zremrangebyscore: 'KEY 0 0',
  xadd: 'KEY * f v',
  xtrim: 'KEY MAXLEN 1',
};

/** Of whoever takes jobs, or moves them by hand: BullMQ's scripts and ours. */
const JOBS: Commands = {
  decr: 'KEY',
  hsetnx: 'KEY f v',
  hrandfield: 'KEY',
  lpos: 'KEY v',
  lrem: 'KEY 0 v',
  lpop: 'KEY',
  rpop: 'KEY',
  ltrim: 'KEY 0 0',
  rpoplpush: 'KEY KEY',
  persist: 'KEY',
  pexpireat: 'KEY 1',
  sismember: 'KEY m',
  xlen: 'KEY',
  xrange: 'KEY - +',
  xdel: 'KEY 0-1',
  zpopmin: 'KEY',
  zlexcount: 'KEY - +',
  zrangebylex: 'KEY - +',
  zrevrangebyscore: 'KEY 0 0',
  zremrangebyrank: 'KEY 0 0',
};

/** Of whoever waits for jobs. */
const WAITING: Commands = { bzpopmin: 'KEY 1' };

/** Of the index by which mail is found. */
const INDEX: Commands = { append: 'KEY v' };

const CONSOLE: Commands = {
  strlen: 'KEY',
  getrange: 'KEY 0 0',
  setrange: 'KEY 0 v',
  xrevrange: 'KEY + -',
  rename: 'KEY KEY',
  scan: '0',
};

const RIGHTS: Readonly<Record<RightsOf, Commands>> = {
  'ingest-api': EVERY,
  poller: { ...EVERY, ...JOBS, ...WAITING },
  processor: { ...EVERY, ...JOBS, ...WAITING, ...INDEX },
  'ms4-sender': { ...EVERY, ...JOBS, ...WAITING },
  'ops-console': { ...EVERY, ...JOBS, ...INDEX, ...CONSOLE },
};

/** Of every connection; they are not tried, because none stands without. */
const CONNECTION = [
  'auth',
  'quit',
  'select',
  'client|setname',
  'multi',
  'exec',
  'discard',
  'asking',
  'readonly',
  'readwrite',
  'cluster|slots',
  'cluster|info',
];

/** What a role can do without, and managed services let nobody do: it is not tried. */
const WISHED: Readonly<Partial<Record<RightsOf, readonly string[]>>> = {
  // Without, somebody who was forgotten stays in the append-only file for a while, and the account says so.
  'ops-console': ['bgrewriteaof'],
};

/** The commands that a role needs, each with words that may follow it. */
export function commandsOf(role: RightsOf, key: string): string[][] {
  return Object.entries(RIGHTS[role]).map(([name, words]) => {
    if (name === 'eval') return [name, words, '0'];
    return [name, ...words.split(' ').filter((word) => word !== '')].map((word) =>
      word === 'KEY' ? key : word,
    );
  });
}

/** What stands in an ACL line after a user's password, with the least that a role needs. */
export function aclOf(role: RightsOf, prefix: string): string {
  const names = [...CONNECTION, ...Object.keys(RIGHTS[role]), ...(WISHED[role] ?? [])];
  const commands = names.map((name) => `+${name}`);
  return ['resetchannels', `~${prefix}*`, '-@all', ...commands].join(' ');
}
