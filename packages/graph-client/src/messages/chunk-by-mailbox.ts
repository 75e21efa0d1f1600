import type { MessageRef } from './folder-paths.ts';

/**
 * Cuts `refs` into chunks of at most `size` of one mailbox each, live ones first.
 *
 * Why one mailbox: Graph sends at most 4 requests of a $batch to Outlook at a time, whatever mailboxes
 * they are for (Graph contract 6), so a $batch for several is slower than one for each; and a mailbox
 * that is throttled or moves keeps nobody else's messages waiting.
 */
export function chunkByMailbox<R extends MessageRef>(refs: readonly R[], size: number): R[][] {
  const byMailbox = new Map<string, R[]>();
  for (const ref of refs) {
    const known = byMailbox.get(ref.mailboxId);
    if (known) known.push(ref);
    else byMailbox.set(ref.mailboxId, [ref]);
  }
  return [...byMailbox.values()].flatMap((all) => {
    const [live, backfill] = [all.filter(isLive), all.filter((ref) => !isLive(ref))];
    return [live, backfill].flatMap((some) => cut(some, size));
  });
}

function isLive({ priority }: MessageRef): boolean {
  return priority !== 'backfill';
}

function cut<R>(items: readonly R[], size: number): R[][] {
  const chunks = [];
  for (let start = 0; start < items.length; start += size) {
    chunks.push(items.slice(start, start + size));
  }
  return chunks;
}
