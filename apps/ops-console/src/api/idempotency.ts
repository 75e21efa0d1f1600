import type { Caller } from '../auth/caller.ts';
import { ApiProblem } from './api-problem.ts';
import type { IdempotencyStore } from './idempotency-store.ts';
import { requestFingerprint } from './request-fingerprint.ts';
import type { AnyReply } from './route.ts';

/** What a client may send: a UUID, or anything as short of printable characters. */
const KEY = /^[!-~]{1,128}$/;

interface Request {
  method: string;
  path: string;
  body: unknown;
  key?: string;
}

/**
 * Makes a write that carries an `Idempotency-Key` once (draft-ietf-httpapi-idempotency-key-header): the same
 * key and the same request, from the same caller, within a day, is answered with the first answer, a
 * refusal too. What went wrong on our side is not an answer: it may be tried again under its key.
 */
export class Idempotency {
  readonly #store: Pick<IdempotencyStore, 'begin' | 'keep' | 'forget'>;

  constructor(store: Pick<IdempotencyStore, 'begin' | 'keep' | 'forget'>) {
    this.#store = store;
  }

  /** @throws {ApiProblem} 400 malformed key, 409 while the first is worked on, 422 used for another request */
  async once(
    { key, caller, request }: { key: string; caller: Caller; request: Request },
    perform: () => Promise<AnyReply>,
  ): Promise<AnyReply> {
    if (!KEY.test(key)) {
      const title = 'An Idempotency-Key has 1 to 128 printable characters';
      throw new ApiProblem({ type: 'idempotency_key_invalid', title, status: 400 });
    }
    const id = [caller.by, caller.subject, key];
    const fingerprint = requestFingerprint(request);
    const begun = await this.#store.begin(id, fingerprint);
    if (begun.outcome === 'other') {
      const title = 'This Idempotency-Key was used for another request';
      throw new ApiProblem({ type: 'idempotency_key_reused', title, status: 422 });
    }
    if (begun.outcome === 'working') {
      const title = 'A request with this Idempotency-Key is still running';
      throw new ApiProblem({ type: 'idempotency_key_in_use', title, status: 409 });
    }
    if (begun.outcome === 'answered') return replay(begun.answer as Kept);
    try {
      const reply = await perform();
      await this.#store.keep(id, fingerprint, { reply } satisfies Kept);
      return reply;
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status < 500) {
        await this.#store.keep(id, fingerprint, { problem: error.problem } satisfies Kept);
      } else {
        await this.#store.forget(id);
      }
      throw error;
    }
  }
}

type Kept = { reply: AnyReply } | { problem: ApiProblem['problem'] };

function replay(kept: Kept): AnyReply {
  if ('problem' in kept) throw new ApiProblem(kept.problem);
  return kept.reply;
}
