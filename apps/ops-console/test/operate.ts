import type { AnswerOf } from '@ms1/console-api';
import { until } from '@ms1/testkit';

import { type RunOperationsOptions, runOperations } from '../src/operations/run-operations.ts';
import type { consoleBundle } from './console-bundle.ts';

type Bundle = Pick<
  Awaited<ReturnType<typeof consoleBundle>>,
  'operations' | 'workOf' | 'leases' | 'errors' | 'api'
>;
export type Operation = AnswerOf<'GET /operations/:id'>;

/** Works operations off as the console's own task does. */
export function startOperations(bundle: Bundle, options: Partial<RunOperationsOptions> = {}) {
  const stop = new AbortController();
  const running = runOperations({
    operations: bundle.operations,
    workOf: bundle.workOf,
    lease: () => bundle.leases.acquire('operations', 30_000),
    intervalMs: 20,
    onError: (error) => bundle.errors.push(error),
    ...options,
  })(stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** As the API shows it once it has ended. */
export async function ended({ api }: Bundle, { id }: Pick<Operation, 'id'>): Promise<Operation> {
  const look = async () => (await api('GET', `/operations/${id}`)).body as unknown as Operation;
  return until(
    async () => {
      const operation = await look();
      return operation.status !== 'running' && operation;
    },
    { what: 'the operation has ended' },
  );
}

/** Asks to replay or discard dead letters. */
export const clear = async (
  { api }: Pick<Bundle, 'api'>,
  action: string,
  body: object,
): Promise<Operation> =>
  (await api('POST', `/dead-letters/${action}`, body)).body as unknown as Operation;
