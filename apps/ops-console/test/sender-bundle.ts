import { JOBS, jobIdOf } from '@ms1/contracts';
import { aDelivery, aRecord, simulatedFleet } from '@ms1/testkit';

import { consoleBundle } from './console-bundle.ts';

/** The console beside a simulated MS4 and the app that sends to it, as processes. */
export async function senderBundle() {
  await using stack = new AsyncDisposableStack();
  const fleet = stack.use(await simulatedFleet({ SIMULATOR_MS4_LATENCY_MS: '2' }));
  const clock = { at: Date.now(), now: () => clock.at };
  const console = stack.use(await consoleBundle({ beside: { redisServer: fleet.server, clock } }));
  await fleet.start('ms4-sender', { ...fleet.ms4Env, MS4_SENDER_BATCH_WAIT_MS: '20' }, 'healthz');
  const opened = stack.move();
  return {
    ...console,
    fault: fleet.fault,
    clearFaults: fleet.clearFaults,
    /** records MS4 has stored, one that it stored twice counted twice */
    effects: async (): Promise<number> => (await fleet.status()).ms4.stored,
    /** puts records on `outbound`, as the processor does; a subject of null is data that does not parse */
    async send(subjects: readonly (string | null)[]): Promise<string[]> {
      const jobs = subjects.map((subject, n) => {
        const data = subject === null ? { v: 1, record: {} } : aDelivery(n, { subject });
        return { name: JOBS.deliverRecord, data, opts: { jobId: jobIdOf(aRecord(n).id) } };
      });
      await console.outbound.addBulk(jobs);
      const keys = jobs.map((_, n) => aRecord(n).id);
      const at = Date.now();
      await console.ledger.record(keys.map((key) => ({ key, state: 'prepared', at })));
      return keys;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
