import { randomUUID } from 'node:crypto';
import { keyPrefixes } from '@ms1/contracts';
import {
  type Governor,
  GraphClient,
  graphTenants,
  mailboxSeed,
  type TokenSource,
  tokensOf,
} from '@ms1/graph-client';
import { MailboxDirectory } from '@ms1/mailboxes';
import { ms4AuthOf, ms4TlsOf } from '@ms1/ms4-client';
import {
  closeRedis,
  connectRedis,
  ownerOf,
  type RedisServerFacts,
  readServerFacts,
  redisServerOf,
  setTimes,
} from '@ms1/redis';
import type { Clock } from '@ms1/runtime';

import { askHttp, type HttpAnswer } from './ask-http.ts';
import { NotCheckableError } from './check.ts';
import { memoize } from './memoize.ts';
import { Settings } from './settings.ts';

export interface InstallationOptions {
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  /** instead of DOCTOR_CANARY_MAILBOX */
  canary?: string | undefined;
  /** where tokens come from; default: what the configuration names */
  tokens?: typeof tokensOf;
  /** ms to wait for Redis; default 5000 */
  redisStartMs?: number;
}

/** ms for an answer of Redis, as for those of Graph, MS4 and the webhook */
const ANSWER_MS = 10_000;

/** The right to read one tenant. */
export interface TenantAccess {
  tenantId: string;
  tokens: TokenSource;
  graph: GraphClient;
}

/** A mailbox that is to be read. */
export interface ReadMailbox {
  tenantId: string;
  mailboxId: string;
  folders: readonly string[];
}

type RedisConnection = Awaited<ReturnType<typeof connectRedis>>;
export type RedisServer = ReturnType<typeof ownerOf>;

/** A look at each folder is one call; the fleet's permits are not touched, a refusal is only a reason to look again. */
const UNGOVERNED: Governor = {
  run: (plan, call) => call({ probe: false, requests: plan?.requests ?? 1 }),
  hold: async () => undefined,
};

/**
 * What the checks look at, each part opened when the first check asks for it and shared by all: one
 * connection to Redis, one token a tenant, one refused batch. Nothing here writes.
 */
export class Installation implements AsyncDisposable {
  readonly settings: Settings;
  readonly clock: Clock;
  /** in the organisation, and not ours to read; undefined: nobody said which */
  readonly canary: string | undefined;
  readonly #open = new AsyncDisposableStack();
  readonly #tokens: typeof tokensOf;
  readonly #redisStartMs: number;

  constructor(options: InstallationOptions) {
    const { env, clock, canary, tokens = tokensOf, redisStartMs = 5_000 } = options;
    this.settings = new Settings(env);
    this.clock = clock;
    this.canary = canary?.toLowerCase();
    this.#tokens = tokens;
    this.#redisStartMs = redisStartMs;
  }

  /** @throws {RedisStartError} */
  readonly connect = memoize(async (): Promise<RedisConnection> => {
    const redis = await connectRedis({
      ...redisServerOf(this.settings.get('shared')),
      role: 'producer',
      name: 'ms1-doctor',
      startTimeoutMs: this.#redisStartMs,
      mayEvict: true,
    });
    this.#open.defer(() => closeRedis(redis));
    // A producer's 1.5 s would call a machine that is only busy broken.
    setTimes(redis, { commandTimeout: ANSWER_MS, socketTimeout: ANSWER_MS });
    return redis;
  });

  /** The server that has our keys, for whoever cannot do without. @throws {NotCheckableError} */
  async redis(): Promise<RedisServer> {
    try {
      return ownerOf(await this.connect(), this.settings.get('shared').KEY_PREFIX);
    } catch (error) {
      if (error instanceof NotCheckableError) throw error;
      throw new NotCheckableError('Redis does not answer: see redis.connection');
    }
  }

  /** Fields of INFO, which managed services answer too. */
  readonly redisInfo = memoize(async (): Promise<ReadonlyMap<string, string>> => {
    const info = await (await this.redis()).info();
    return new Map(
      info.split(/\r?\n/).flatMap((line): [string, string][] => {
        const [name, ...value] = line.split(':');
        return name && !name.startsWith('#') ? [[name, value.join(':')]] : [];
      }),
    );
  });

  /** Of the nodes that have our keys. @throws {NotCheckableError} */
  async redisFacts(): Promise<RedisServerFacts> {
    await this.redis();
    const { KEY_PREFIX: prefix, REDIS_SHARDS: shards } = this.settings.get('shared');
    return readServerFacts(await this.connect(), keyPrefixes(prefix, shards));
  }

  readonly tenants = memoize(async (): Promise<TenantAccess[]> => {
    const config = this.settings.get('graph');
    return graphTenants(config).map((tenant) => {
      const trusted = config.TRUSTED_NETWORK;
      const tokens = this.#tokens(tenant, this.clock, trusted);
      const graph = new GraphClient({
        baseUrl: tenant.baseUrl,
        tokens,
        trusted,
        governor: UNGOVERNED,
        // The canary is in no list: whether Graph lets us is the question.
        isListed: () => true,
        timeoutMs: Math.min(config.GRAPH_TIMEOUT_MS, 15_000),
        clock: this.clock,
      });
      this.#open.defer(() => graph.close());
      return { tenantId: tenant.tenantId, tokens, graph };
    });
  });

  /** The tenants whose token is had. @throws {NotCheckableError} when one is not */
  async entered(): Promise<TenantAccess[]> {
    const tenants = await this.tenants();
    await Promise.all(
      tenants.map(({ tokens }) =>
        tokens.token().catch(() => {
          throw new NotCheckableError('there is no token: see graph.token');
        }),
      ),
    );
    return tenants;
  }

  /** Those of the directory, which is what the processes follow; before its first entry those of the environment. */
  readonly mailboxes = memoize(async (): Promise<ReadMailbox[]> => {
    const { KEY_PREFIX: prefix } = this.settings.get('shared');
    const redis = await this.connect().catch(() => null);
    if (redis) {
      const { entries } = await new MailboxDirectory(redis, { prefix }).list();
      if (entries.length > 0) return entries.filter(({ state }) => state !== 'removed');
    }
    return mailboxSeed({ ...this.settings.get('graph'), ...this.settings.get('mailboxes') }) ?? [];
  });

  /**
   * What MS4 answers to a batch without items, which its contract has it refuse (packages/contracts/openapi/ms4.yaml,
   * Batch.items minItems 1): it shows who we are and how MS4 refuses, and nothing is stored.
   */
  readonly ms4Refusal = memoize(async (): Promise<HttpAnswer> => {
    const config = this.settings.get('ms4');
    const batchId = `ms1-doctor-${randomUUID()}`;
    return askHttp(this.ms4Url(config.MS4_BATCH_PATH), {
      method: 'POST',
      headers: {
        ...(await ms4AuthOf(config).headers()),
        'content-type': 'application/json',
        accept: 'application/json, application/problem+json',
        'idempotency-key': batchId,
      },
      body: JSON.stringify({ batchId, items: [] }),
      timeoutMs: Math.min(config.MS4_TIMEOUT_MS, 15_000),
      tls: ms4TlsOf(config),
      lookup: config.TRUSTED_NETWORK?.lookup,
      clock: this.clock,
    });
  });

  /** Below MS4's base URL, whose own path comes first. */
  ms4Url(path: string): URL {
    const base = new URL(this.settings.get('ms4').MS4_BASE_URL);
    return new URL(`${base.pathname.replace(/\/+$/, '')}${path}`, base.origin);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#open.disposeAsync();
  }
}
