import { inspect } from 'node:util';

/** What a test states, and the test. */
type Statement = readonly [states: string, test: () => Promise<void>];

/**
 * One test of several that mostly wait, each with a Redis of its own: they take as long as the longest. Jest's own
 * concurrent tests may not import anything while another of them begins.
 *
 * @throws Error that names each that failed, and why
 */
export function together(...statements: readonly Statement[]): () => Promise<void> {
  return async () => {
    const ends = await Promise.allSettled(statements.map(([, test]) => test()));
    const failed = ends.flatMap((end, index) =>
      end.status === 'rejected' ? [`${statements[index]?.[0]}\n${inspect(end.reason)}`] : [],
    );
    if (failed.length > 0) throw new Error(failed.join('\n\n'));
  };
}
