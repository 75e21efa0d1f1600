import { randomBytes } from 'node:crypto';
import { MessageRules, RULES_TEST_MAX, RulesTestResult } from '@ms1/contracts';
import { Keeper, storeKey } from '@ms1/redis';
import { z } from 'zod';

const RulesTest = z.object({
  id: z.string(),
  mailboxId: z.string(),
  /** ms since the epoch */
  createdAt: z.int(),
  /** how many messages */
  last: z.int().min(1).max(RULES_TEST_MAX),
  /** null: those that the mailbox has */
  rules: MessageRules.nullable(),
  /** why nothing came of it: a code */
  failed: z.string().nullable(),
  result: RulesTestResult.nullable(),
});
export type RulesTest = z.infer<typeof RulesTest>;

/** ms; it is asked for and read by somebody who waits for it */
const KEPT_MS = 3_600_000;

/** Tests of rules: what somebody asks, and what a processor finds. Nothing else comes of them. */
export class RulesTestStore extends Keeper {
  async ask(request: Pick<RulesTest, 'mailboxId' | 'last' | 'rules'>): Promise<RulesTest> {
    const id = randomBytes(9).toString('base64url');
    const test = { id, ...request, createdAt: this.clock.now(), failed: null, result: null };
    await this.#keep(test);
    await this.redis.multi().rpush(this.#asked, id).pexpire(this.#asked, KEPT_MS).exec();
    return test;
  }

  /** The next one for whoever asks first; null: there is none. Whoever dies with it leaves it without an answer. */
  async take(): Promise<RulesTest | null> {
    const id = await this.redis.lpop(this.#asked);
    return id === null ? null : this.get(id);
  }

  async report(
    test: RulesTest,
    found: Partial<Pick<RulesTest, 'failed' | 'result'>>,
  ): Promise<void> {
    await this.#keep({ ...test, ...found });
  }

  async get(id: string): Promise<RulesTest | null> {
    const text = await this.redis.get(this.#key(id));
    return text === null ? null : RulesTest.parse(JSON.parse(text));
  }

  async #keep(test: RulesTest): Promise<void> {
    await this.redis.set(this.#key(test.id), JSON.stringify(test), 'PX', KEPT_MS);
  }

  get #asked(): string {
    return storeKey(this.prefix, 'rules', 'asked');
  }

  #key(id: string): string {
    return storeKey(this.prefix, 'rules', 'test', id);
  }
}
