import { RedisStartError } from './redis-start-error.ts';

/** One server, what Sentinels watch under a name, or a Cluster. */
export type RedisKind = 'server' | 'sentinel' | 'cluster';

/** What REDIS_URL says. */
export interface RedisAddress {
  kind: RedisKind;
  tls: boolean;
  /** the server, the Sentinels, or some nodes of the Cluster */
  nodes: { host: string; port: number }[];
  /** under which the Sentinels know the primary; empty but for them */
  name: string;
  db: number;
  username: string | undefined;
  password: string | undefined;
}

const FORM =
  /^(?<base>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^@]*)@)?(?<hosts>[^/?@#]+)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/;
const HOST = /^(?<host>\[[\da-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/i;
const PORTS: Record<RedisKind, number> = { server: 6379, sentinel: 26379, cluster: 6379 };

/** A REDIS_URL that cannot be read. Its message never shows it: it may carry a password. */
class RedisUrlError extends RedisStartError {
  readonly code = 'redis_url';

  constructor(problem: string) {
    super(problem);
    this.name = 'RedisUrlError';
  }
}

/**
 * Reads `redis://`, `redis+sentinel://[user:password@]host:port,host:port/name[?db=0]` and
 * `redis+cluster://[user:password@]host:port,host:port`, each with `rediss` for TLS.
 *
 * @throws {RedisUrlError} in words that follow the variable's name
 */
export function parseRedisUrl(url: string): RedisAddress {
  const { base, kind: said, user, hosts = '', path = '', query } = FORM.exec(url)?.groups ?? {};
  if (base === undefined) {
    throw new RedisUrlError(
      'must be a URL with redis:// or rediss://, or one of several nodes with +sentinel or +cluster before the colon',
    );
  }
  const kind = (said ?? 'server') as RedisKind;
  const nodes = hosts.split(',').map((text) => nodeOf(text, PORTS[kind]));
  if (kind === 'server' && nodes.length > 1) {
    throw new RedisUrlError('names several servers: say what they are, +sentinel or +cluster');
  }
  if (kind === 'sentinel' && !/^[\w.:-]+$/.test(path)) {
    throw new RedisUrlError(
      'must end with the name of the primary that the Sentinels watch, as in redis+sentinel://host:26379/mymaster',
    );
  }
  const db = dbOf(kind === 'sentinel' ? '' : path, new URLSearchParams(query).get('db'));
  if (kind === 'cluster' && db !== 0) {
    throw new RedisUrlError('names a database: a Cluster has one');
  }
  const colon = user?.indexOf(':') ?? -1;
  return {
    kind,
    tls: base === 'rediss',
    nodes,
    name: kind === 'sentinel' ? path : '',
    db,
    username: decoded(colon === -1 ? user : user?.slice(0, colon)),
    password: decoded(colon === -1 ? undefined : user?.slice(colon + 1)),
  };
}

/** host:port of each, without user and password */
export function describeRedis({ kind, nodes, name }: RedisAddress): string {
  const hosts = nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  if (kind === 'sentinel') return `${name} of the Sentinels ${hosts}`;
  return kind === 'cluster' ? `the Cluster of ${hosts}` : hosts;
}

function nodeOf(text: string, defaultPort: number): { host: string; port: number } {
  const { host, port } = HOST.exec(text)?.groups ?? {};
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    throw new RedisUrlError('must name each host as host:port');
  }
  return { host: host.replaceAll(/[[\]]/g, ''), port: number };
}

function dbOf(path: string, query: string | null): number {
  const text = path || query || '0';
  if (!/^\d{1,5}$/.test(text)) throw new RedisUrlError('must name the database by its number');
  return Number(text);
}

function decoded(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisUrlError('has a user or password that is not percent-encoded');
  }
}
