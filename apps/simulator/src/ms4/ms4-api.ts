import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Clock } from '@ms1/runtime';

import type { FaultTable } from '../faults/fault-table.ts';
import { bearerOf, sameSecret } from '../http/bearer.ts';
import type { Call, Reply } from '../http/call.ts';
import { problem } from '../http/problem.ts';
import type { BatchLine } from '../ledger/lines.ts';
import { AnsweredBatches } from './answered-batches.ts';
import { Arrivals } from './arrivals.ts';
import { distortAnswer } from './distort-answer.ts';
import { judgeBatch } from './judge-batch.ts';
import { BatchEnvelope } from './record-schema.ts';
import { RecordStore } from './record-store.ts';
import { refuseBatch } from './refuse-batch.ts';
import { RequestFaults } from './request-faults.ts';
import { RequestRecorder } from './request-recorder.ts';

export interface Ms4ApiOptions {
  readonly token: string;
  readonly dataDir: string | undefined;
  readonly clock: Clock;
  readonly faults: FaultTable;
  readonly latencyMs: number;
  /** bytes of a batch once decoded; above it 413 */
  readonly bodyBytesMax: number;
  /** keeps whole requests in `requests.jsonl` */
  readonly recordRequests: boolean;
}

/** MS4 as its contract says (packages/contracts/openapi/ms4.yaml): `/v1/batches`, `/v1/messages/:id`, `/health`. */
export class Ms4Api {
  readonly #options: Ms4ApiOptions;
  readonly #records: RecordStore;
  readonly #answered: AnsweredBatches;
  readonly #arrivals: Arrivals;
  readonly #recorder: RequestRecorder | null;
  readonly #requestFaults: RequestFaults;
  readonly counters = {
    requests: 0,
    items: 0,
    /** effects: a record that is stored twice counts twice */
    stored: 0,
    duplicates: 0,
    rejected: 0,
    deferred: 0,
    replayed: 0,
  };

  constructor(options: Ms4ApiOptions) {
    this.#options = options;
    this.#records = new RecordStore(options);
    this.#answered = new AnsweredBatches(options.dataDir);
    this.#arrivals = new Arrivals(options);
    this.#recorder = options.recordRequests ? new RequestRecorder(options.dataDir) : null;
    this.#requestFaults = new RequestFaults(options.faults, options.clock);
  }

  get arrivals(): Arrivals['lines'] {
    return this.#arrivals.lines;
  }

  /** how many records are stored, over all runs */
  get stored(): number {
    return this.#records.size;
  }

  async handle(call: Call): Promise<Reply> {
    if (call.path === '/health') return this.#health();
    if (call.path === '/v1/batches') this.#arrivals.add(call);
    if (!this.#authorized(call)) {
      return problem(401, 'Unauthorized', { headers: { 'www-authenticate': 'Bearer' } });
    }
    if (call.path === '/v1/batches') {
      return call.method === 'POST' ? this.#batch(call) : problem(405, 'Method not allowed');
    }
    const id = /^\/v1\/messages\/([^/]+)$/.exec(call.path)?.[1];
    const record = id === undefined ? undefined : this.#records.read(decodeURIComponent(id));
    if (record === undefined || call.method !== 'GET') return problem(404, 'Not found');
    return { status: 200, headers: { 'content-type': 'application/json' }, body: record };
  }

  close(): void {
    this.#records.close();
    this.#answered.close();
    this.#arrivals.close();
    this.#recorder?.close();
  }

  async #batch(call: Call): Promise<Reply> {
    this.counters.requests += 1;
    const { faults, latencyMs } = this.#options;
    const waitMs = latencyMs + (faults.strike('ms4-latency')?.ms ?? 0);
    if (waitMs > 0) await delay(waitMs);
    // From here on everything is synchronous: two requests under one key cannot interleave.
    return this.#requestFaults.answer() ?? distortAnswer(faults, this.#store(call));
  }

  #store(call: Call): Reply {
    const key = call.headers['idempotency-key'];
    if (typeof key !== 'string' || key.length < 1 || key.length > 128) {
      return problem(400, 'Idempotency-Key is missing or malformed');
    }
    if (!/^application\/json\b/i.test(call.headers['content-type'] ?? '')) {
      return problem(400, 'Content-Type must be application/json');
    }
    const body = this.#decode(call);
    if (!Buffer.isBuffer(body)) return body;
    this.#recorder?.add(call, body);
    const bodyHash = createHash('sha256').update(body).digest('base64url');
    const answered = this.#answered.get(key);
    if (answered) return this.#again(answered, bodyHash);
    const envelope = BatchEnvelope.safeParse(parseJson(body));
    if (!envelope.success) {
      const errors = envelope.error.issues.map(({ path, code }) => ({
        pointer: `/${path.join('/')}`,
        code,
      }));
      return problem(400, 'The body is not a batch', { errors });
    }
    const { batchId, items } = envelope.data;
    if (batchId !== key) return problem(400, 'Idempotency-Key must equal batchId');
    const refused = refuseBatch(this.#options.faults, items, body.length);
    return refused ?? this.#judge(batchId, items, bodyHash);
  }

  #judge(batchId: string, items: readonly unknown[], bodyHash: string): Reply {
    const { faults } = this.#options;
    const { verdicts, fresh, unnamed } = judgeBatch(
      items,
      (id) => this.#records.has(id) && !faults.strike('ms4-forgets'),
      () => faults.strike('ms4-retry-verdict') !== undefined,
    );
    if (unnamed.length > 0) {
      return problem(422, 'Items without an id cannot be given a verdict', { errors: unnamed });
    }
    this.#records.store(batchId, fresh);
    const count = (wanted: string) => verdicts.filter(([, verdict]) => verdict === wanted).length;
    const rejected = count('rejected');
    const deferred = count('retry');
    this.counters.items += items.length;
    this.counters.stored += fresh.length;
    this.counters.rejected += rejected;
    this.counters.deferred += deferred;
    this.counters.duplicates += items.length - fresh.length - rejected - deferred;
    const status = rejected + deferred > 0 ? 207 : 200;
    const at = new Date(this.#options.clock.now()).toISOString();
    const line: BatchLine = { at, batchId, bodyHash, status, verdicts };
    this.#answered.add(line);
    return show(line);
  }

  #again(answered: BatchLine, bodyHash: string): Reply {
    if (answered.bodyHash !== bodyHash) {
      return problem(409, 'Idempotency-Key was used with a different body');
    }
    this.counters.replayed += 1;
    return show(answered);
  }

  #decode(call: Call): Buffer | Reply {
    const { bodyBytesMax } = this.#options;
    const tooLarge = problem(413, 'Payload too large', { detail: `at most ${bodyBytesMax} bytes` });
    if (call.body.length > bodyBytesMax) return tooLarge;
    if (call.headers['content-encoding'] !== 'gzip') return call.body;
    try {
      return gunzipSync(call.body, { maxOutputLength: bodyBytesMax });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge : problem(400, 'The body is not gzip');
    }
  }

  #health(): Reply {
    const down = this.#options.faults.isActive('ms4-down');
    return down ? problem(503, 'Not ready') : { status: 200, body: { status: 'ok' } };
  }

  #authorized(call: Call): boolean {
    const { token } = this.#options;
    const apiKey = call.headers['x-api-key'];
    return (
      sameSecret(bearerOf(call), token) ||
      sameSecret(typeof apiKey === 'string' ? apiKey : undefined, token)
    );
  }
}

function show({ batchId, status, verdicts }: BatchLine): Reply {
  const results = verdicts.map(([id, verdict, code]) => ({
    id,
    status: verdict,
    ...(code === null ? {} : { error: { code, message: 'not stored' } }),
  }));
  return { status, body: { batchId, results } };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
