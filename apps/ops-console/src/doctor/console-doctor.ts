import type { AnswerOf } from '@ms1/console-api';
import { CHECKS, Installation, runChecks, worstOf } from '@ms1/doctor';
import type { Clock } from '@ms1/runtime';

import { rfc3339 } from '../api/rfc3339.ts';

export interface ConsoleDoctorOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** whether this console has a credential for Graph */
  hasGraph: boolean;
  clock: Clock;
}

type Examination = AnswerOf<'GET /doctor'>;

/** ms for which an answer stands: however many people look, Graph and Redis are asked twice a minute at most. */
const STANDS_MS = 30_000;

/** Checks that a console cannot make, by how their names begin, and why. */
const ELSEWHERE: readonly [string, string][] = [
  ['configuration', 'each process has variables of its own'],
  ['webhook.', 'it goes by the public address, which a console does not know'],
  ['ms4.', 'it needs the credential for MS4, which only senders have'],
  ['graph.canary', 'it tries a mailbox that the service must not read'],
];
const WITHOUT_GRAPH = 'this console has no credential for Graph';

/** Runs the checks of `ms1 doctor` that need nothing but what a console has. */
export class ConsoleDoctor {
  readonly #options: ConsoleDoctorOptions;
  #latest: { until: number; answer: Promise<Examination> } | undefined;

  constructor(options: ConsoleDoctorOptions) {
    this.#options = options;
  }

  examine(): Promise<Examination> {
    const { clock } = this.#options;
    if (this.#latest && clock.now() < this.#latest.until) return this.#latest.answer;
    // Until it has ended it stands.
    const latest = { until: Number.POSITIVE_INFINITY, answer: this.#run() };
    this.#latest = latest;
    const ends = (): void => {
      latest.until = clock.now() + STANDS_MS;
    };
    latest.answer.then(ends, () => {
      this.#latest = undefined;
    });
    return latest.answer;
  }

  async #run(): Promise<Examination> {
    const { env, clock } = this.#options;
    const at = rfc3339(clock.now());
    const ours = CHECKS.filter(({ name }) => this.#whyNot(name) === undefined);
    await using installation = new Installation({ env, clock });
    const results = await runChecks(ours, installation);
    return {
      at,
      status: worstOf(results),
      checks: results.map((result, index) => ({ ...result, about: ours[index]?.about ?? '' })),
      elsewhere: CHECKS.flatMap(({ name, about }) => {
        const why = this.#whyNot(name);
        return why === undefined ? [] : [{ name, about, why }];
      }),
    };
  }

  /** undefined: it can be made here */
  #whyNot(name: string): string | undefined {
    const [, why] = ELSEWHERE.find(([beginning]) => name.startsWith(beginning)) ?? [];
    return (
      why ?? (name.startsWith('graph.') && !this.#options.hasGraph ? WITHOUT_GRAPH : undefined)
    );
  }
}
