/**
 * Cuts indexes of `mailboxIds` into chunks of at most `size`, with as few mailboxes in a chunk as
 * there can be: full chunks of one mailbox first, then what is left over, mailbox by mailbox.
 *
 * Why: Graph sends at most 4 requests of a $batch to Outlook at a time, whatever mailboxes they are
 * for (Graph contract 6). A chunk of one mailbox keeps that mailbox's 4 permits busy and no other's,
 * so chunks run beside each other; chunks that each touch every mailbox run one after the other.
 * Measured with 20 mailboxes at 20 ms a request: 4 times the messages a second.
 */
export function chunkByMailbox(mailboxIds: readonly string[], size: number): number[][] {
  const byMailbox = new Map<string, number[]>();
  for (const [index, mailboxId] of mailboxIds.entries()) {
    const indexes = byMailbox.get(mailboxId);
    if (indexes) indexes.push(index);
    else byMailbox.set(mailboxId, [index]);
  }
  const chunks: number[][] = [];
  const rests: number[][] = [];
  for (const indexes of byMailbox.values()) {
    let start = 0;
    for (; indexes.length - start >= size; start += size) {
      chunks.push(indexes.slice(start, start + size));
    }
    if (start < indexes.length) rests.push(indexes.slice(start));
  }
  // Largest first, each into the first chunk with room: no rest is cut in two.
  const mixed: number[][] = [];
  for (const rest of rests.toSorted((a, b) => b.length - a.length)) {
    const roomy = mixed.find((chunk) => chunk.length + rest.length <= size);
    if (roomy) roomy.push(...rest);
    else mixed.push(rest);
  }
  return [...chunks, ...mixed];
}
