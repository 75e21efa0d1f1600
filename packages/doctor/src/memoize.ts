/** Asks once, however many checks want to know, and tells all of them the same, also when it failed. */
export function memoize<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
