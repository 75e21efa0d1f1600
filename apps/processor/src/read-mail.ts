import { type GraphClients, isWhole, toMetadata } from '@ms1/graph-client';
import { systemClock } from '@ms1/runtime';
import type { MailReader } from './hydrate.ts';
import { createReadBursts } from './read-bursts.ts';

/** Messages a page when a burst is read, which is 0.005 units each; a 504 halves it. */
const BURST_PAGE = 200;

/** Graph as the processor reads it: what a burst announced by pages of its folder, the rest one by one. */
export function readMail(graph: Pick<GraphClients, 'messages' | 'folders'>): MailReader {
  return {
    metadata: createReadBursts({
      async readEach(refs, signal) {
        const results = await graph.messages.messages(refs, signal);
        return results.map((read) =>
          read.ok ? { ok: true, value: toMetadata(read.value) } : read,
        );
      },
      async readPage(request, signal) {
        const page = await graph.folders.recentPage({
          ...request,
          to: null,
          order: 'asc',
          pageSize: BURST_PAGE,
          signal,
        });
        const { messages, nextLink } = page;
        return {
          messages: messages.flatMap(({ id, message }) =>
            message && isWhole(message) ? { id, metadata: toMetadata(message) } : [],
          ),
          nextLink,
        };
      },
      pageSize: BURST_PAGE,
      clock: systemClock,
    }),
    attachments: (refs, signal) => graph.messages.attachments(refs, signal),
  };
}
