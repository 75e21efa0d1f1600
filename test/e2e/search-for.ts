/** Texts of which none may be in an output are looked for by their first characters, so they have so many. */
export const LENGTH_MIN = 8;

/** What Redis was told stands in a log as the numbers of its bytes. */
const BYTES = /\{"type":"Buffer","data":\[([\d,]*)\]\}/g;

/**
 * Makes a search for many texts at once: one pass over what is searched, however many they are. Each is found as it is and as JSON
 * and a URL write it, also in bytes that were logged as numbers.
 *
 * @param canaries of at least {@link LENGTH_MIN} characters each
 * @returns those that a text holds
 */
export function searchFor(canaries: readonly string[]): (text: string) => string[] {
  const byStart = new Map<string, Map<string, string>>();
  for (const canary of canaries) {
    for (const form of [canary, JSON.stringify(canary).slice(1, -1), encodeURIComponent(canary)]) {
      const start = form.slice(0, LENGTH_MIN);
      const forms = byStart.get(start) ?? new Map<string, string>();
      byStart.set(start, forms.set(form, canary));
    }
  }
  return (text) => {
    const found = new Set<string>();
    const readable = text.replaceAll(BYTES, (_, bytes: string) =>
      Buffer.from(bytes.split(',').map(Number)).toString(),
    );
    for (let at = 0; at <= readable.length - LENGTH_MIN; at += 1) {
      for (const [form, canary] of byStart.get(readable.slice(at, at + LENGTH_MIN)) ?? []) {
        if (readable.startsWith(form, at)) found.add(canary);
      }
    }
    return [...found];
  };
}
