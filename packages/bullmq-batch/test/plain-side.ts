import { Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';

import type { BatchDriver, FetchPlan, FetchResult, Settlement } from '../src/batch-driver.ts';
import { chooseDriver } from '../src/choose-driver.ts';
import { addBulk, BatchWorker } from '../src/index.ts';
import type { ScriptBackend } from '../src/script-backend.ts';
import type { Fate, Mark, Steer, Step } from './plain-history.ts';

/** But for what a run remembers of its last answer. Sets are sorted, and so are fields. */
const DUMP_LUA = `
local seen = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':*')) do
  local kind = redis.call('TYPE', key).ok
  local value
  if kind == 'hash' then
    value = {}
    local flat = redis.call('HGETALL', key)
    for i = 1, #flat, 2 do value[flat[i]] = flat[i + 1] end
    if value.opts then value.opts = cjson.decode(value.opts) end
  elseif kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
  elseif kind == 'set' then
    value = redis.call('SMEMBERS', key)
    table.sort(value)
  elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'stream' then
    value = redis.call('XRANGE', key, '-', '+')
    for i, entry in ipairs(value) do value[i] = entry[2] end
  else value = redis.call('GET', key) end
  if not string.find(key, ':sent:', 1, true) then
    seen[string.sub(key, #ARGV[1] + 1)] = {kind, value, redis.call('PTTL', key) > 0}
  end
end
return cjson.encode(seen)
`;

/** A stack that is the same wherever it was made. */
function failure(): Error {
  const error = new Error('no');
  error.stack = 'Error: no\n    at work';
  return error;
}

interface Held {
  readonly plan: FetchPlan;
  jobs: Job[];
}

export interface SideOptions {
  readonly lean: boolean;
  /** changes the text of our scripts before Redis sees it */
  readonly edit: (lua: string) => string;
}

/** One of two sides that live through the same history: a queue, its worker's driver, and a queue to hand over to. */
export class Side implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #lean: boolean;
  readonly #queue: Queue;
  readonly #out: Queue;
  readonly #worker: BatchWorker;
  readonly #held: Held[] = [];
  #chosen: Promise<BatchDriver> | null = null;
  #tokens = 0;

  constructor(url: string, prefix: string, { lean, edit }: SideOptions) {
    this.#prefix = prefix;
    this.#lean = lean;
    this.#redis = new Redis(url, { maxRetriesPerRequest: null });
    const define = this.#redis.defineCommand.bind(this.#redis);
    this.#redis.defineCommand = (name, definition) =>
      define(
        name,
        name.startsWith('ms1') ? { ...definition, lua: edit(definition.lua) } : definition,
      );
    const base = { connection: this.#redis, prefix };
    this.#queue = new Queue('jobs', base);
    this.#out = new Queue('out', base);
    this.#worker = new BatchWorker('jobs', async () => undefined, {
      ...base,
      name: 'w',
      autorun: false,
      batch: { size: 6, lean },
    });
    this.#worker.on('error', () => undefined);
  }

  /** Carries out one step and says what came back. */
  async live(step: Step): Promise<unknown> {
    switch (step.do) {
      case 'add':
        return addBulk(
          this.#queue,
          step.jobs.map(({ id, opts }) => ({
            name: 'job',
            data: { id, text: 'x'.repeat(20) },
            opts: { ...opts, jobId: id },
          })),
          { lean: this.#lean },
        );
      case 'fetch':
        this.#worker.resize(step.size, 1);
        return this.#keep(this.#plan(step.alone), (plan) =>
          this.#driver().then((d) => d.fetch(plan)),
        );
      case 'settle':
        return this.#settle(step);
      case 'mark':
        return this.#mark(step.mark, step.job);
      case 'queue':
        return this.#steer(step.what);
    }
  }

  /** Until BullMQ has written what it writes once a queue. */
  async ready(): Promise<void> {
    await Promise.all([this.#queue, this.#out].map((queue) => queue.waitUntilReady()));
  }

  /** Everything under the prefix: times to live as whether there is one, streams without the ids of their entries. */
  async dump(): Promise<Record<string, unknown>> {
    const all = (await this.#redis.eval(DUMP_LUA, 0, this.#prefix)) as string;
    return JSON.parse(all) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.close(true);
    await Promise.all([this.#queue.close(), this.#out.close()]);
    this.#redis.disconnect();
  }

  #driver(): Promise<BatchDriver> {
    this.#chosen ??= chooseDriver(this.#worker.getBackend() as unknown as ScriptBackend, {
      settings: this.#worker.settings,
      workerId: 'w',
      workerName: 'w',
      qualifiedName: this.#worker.qualifiedName,
      maxStalledCount: 2,
      lockDuration: 30_000,
      limiter: undefined,
      hasTelemetry: false,
    });
    return this.#chosen;
  }

  #plan(alone: boolean): FetchPlan {
    this.#tokens += 1;
    return { token: `w:${this.#tokens}`, slot: this.#tokens % 3, alone, first: false };
  }

  async #keep(
    plan: FetchPlan,
    fetch: (plan: FetchPlan) => Promise<FetchResult | null>,
  ): Promise<unknown> {
    const fetched = await fetch(plan);
    if (!fetched) return null;
    const jobs = fetched.jobs.map(({ id, json }) => {
      const job = Job.fromJSON(this.#queue, json, id);
      job.token = plan.token;
      return job;
    });
    if (jobs.length > 0) this.#held.push({ plan, jobs });
    return {
      ...fetched,
      jobs: fetched.jobs.map(({ id, json }) => ({
        id,
        json,
      })),
    };
  }

  async #settle({ batch, fates, next }: Extract<Step, { do: 'settle' }>): Promise<unknown> {
    const [held] = this.#held.splice(batch % Math.max(1, this.#held.length), 1);
    if (!held) return null;
    const settlements = held.jobs.map((job, i) =>
      this.#settlement(job, fates[i % fates.length] as Fate),
    );
    const plan = next ? this.#plan(false) : null;
    const driver = await this.#driver();
    const { verdicts, next: fetched } = await driver.settle(held.plan, settlements, plan);
    return {
      verdicts: verdicts.map((verdict) => (verdict.ok ? 'ok' : verdict.error.message)),
      fetched: plan && (await this.#keep(plan, async () => fetched)),
    };
  }

  #settlement(job: Job, fate: Fate): Settlement {
    const done = { kind: 'completed', value: { of: job.id } } as const;
    const handedOver = (id: string) => ({
      queue: this.#out,
      job: { name: 'record', data: { of: job.id }, opts: { jobId: id, removeOnComplete: true } },
    });
    switch (fate) {
      case 'completes':
        return { job, outcome: done, outbound: [] };
      case 'hands over':
        return { job, outcome: done, outbound: [handedOver(`o-${job.id}`)] };
      case 'hands over twice':
        return { job, outcome: done, outbound: [handedOver(`o-${job.id}`), handedOver('o-again')] };
      case 'fails':
        return { job, outcome: { kind: 'failed', error: failure() }, outbound: [] };
      case 'waits':
        return { job, outcome: { kind: 'delayed', ms: 25 }, outbound: [] };
      case 'goes back':
        return { job, outcome: { kind: 'nacked' }, outbound: [] };
    }
  }

  async #mark(mark: Mark, which: number): Promise<void> {
    const active = await this.#redis.lrange(this.#queue.toKey('active'), 0, -1);
    const waiting = await this.#redis.lrange(this.#queue.toKey('wait'), 0, -1);
    const list = mark === 'killed a worker' ? waiting : active;
    const id = list[which % Math.max(1, list.length)];
    if (id === undefined) return;
    const key = this.#queue.toKey(id);
    switch (mark) {
      case 'logs':
        return void (await this.#redis.rpush(`${key}:logs`, 'half'));
      case 'loses its lock':
        return void (await this.#redis.del(`${key}:lock`));
      case 'is stolen':
        return void (await this.#redis.set(`${key}:lock`, 'other', 'PX', 30_000));
      case 'has a child':
        return void (await this.#redis.sadd(`${key}:dependencies`, 'child'));
      case 'killed a worker':
        return void (await this.#redis.hincrby(key, 'stc', 1));
      case 'vanishes':
        return void (await this.#redis.del(key));
    }
  }

  async #steer(what: Steer): Promise<void> {
    switch (what) {
      case 'look for stalled jobs': {
        // what BullMQ's check does before it asks which of them have no lock
        const active = await this.#redis.lrange(this.#queue.toKey('active'), 0, -1);
        if (active.length > 0) await this.#redis.sadd(this.#queue.toKey('stalled'), ...active);
        return;
      }
      case 'pause':
        return this.#queue.pause();
      case 'resume':
        return this.#queue.resume();
      case 'limit':
        return void (await this.#queue.setGlobalConcurrency(3));
      case 'unlimit':
        return void (await this.#queue.removeGlobalConcurrency());
    }
  }
}
