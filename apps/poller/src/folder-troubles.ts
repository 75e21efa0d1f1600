/** What keeps folders (or other things that are polled) from being read, for readiness. */
export class FolderTroubles {
  readonly #codes = new Map<string, string>();

  /** @param code of the error: never text, which may name people */
  report(id: string, code: string): void {
    this.#codes.set(id, code);
  }

  clear(id: string): void {
    this.#codes.delete(id);
  }

  /** @throws with a sentence that counts the troubles by code */
  assertNone(): void {
    if (this.#codes.size === 0) return;
    const counts = new Map<string, number>();
    for (const code of this.#codes.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
    const list = [...counts].map(([code, count]) => `${count} x ${code}`).join(', ');
    throw new Error(`cannot be read: ${list}`);
  }
}
