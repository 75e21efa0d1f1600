import { ApiProblem } from '../api/api-problem.ts';
import { defineRoute, defineStream, type Route, reply } from '../api/route.ts';
import type { LiveFeed } from './live-feed.ts';
import { Overview } from './overview.ts';
import type { Sampler } from './sampler.ts';

/** `/api/overview`: the service in one look. `/api/events`: the same, again and again. */
export function liveRoutes(
  sampler: Pick<Sampler, 'overview'>,
  feed: Pick<LiveFeed, 'refuses' | 'attach'>,
): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/overview',
      tag: 'status',
      summary: 'Flow, sessions, dead letters and mailboxes in one look',
      policy: 'reader',
      responses: { 200: Overview },
      handle: async () => reply(200, await sampler.overview()),
    }),
    defineStream({
      path: '/events',
      tag: 'status',
      summary: 'The overview as server-sent events, one a second',
      description:
        'An event `overview` holds the whole overview, so `Last-Event-ID` changes nothing; `trouble` says that Redis does not answer. A client that does not read is dropped, every stream ends after a quarter of an hour, or soon after its login, and whoever comes again goes on. A caller has 20 of the 100 streams at most.',
      policy: 'reader',
      problems: [429],
      type: 'text/event-stream',
      run(res, { by, subject, loginId }) {
        // Whoever logs in with the password is one caller, because nothing tells them apart.
        const watcher = { caller: by === 'password' ? by : `${by} ${subject}`, loginId };
        const refused = feed.refuses(watcher);
        if (refused === 'caller') {
          throw new ApiProblem({ title: 'You are watching too many times at once', status: 429 });
        }
        if (refused) throw new ApiProblem({ title: 'Too many pages are watching', status: 503 });
        res.writeHead(200, {
          'Content-Type': 'text/event-stream; charset=utf-8',
          // Proxies that buffer would hold events back (nginx knows this header).
          'X-Accel-Buffering': 'no',
        });
        if (res.req.method === 'HEAD') res.end();
        else feed.attach(res, watcher);
      },
    }),
  ];
}
