/** Does all of `works`, at most `limit` at a time, in their order. Rejects like the first that does, once those in hand ended. */
export async function atOnce(
  limit: number,
  works: readonly (() => Promise<void>)[],
): Promise<void> {
  const waiting = [...works];
  const worker = async (): Promise<void> => {
    for (let work = waiting.shift(); work; work = waiting.shift()) {
      try {
        await work();
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}
