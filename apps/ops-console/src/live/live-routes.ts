import { ApiProblem } from '../api/api-problem.ts';
import { handle, reply } from '../api/route.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Sampler } from './sampler.ts';

/** `/api/overview`: the service in one look. `/api/events`: the same, again and again. */
export function liveRoutes(
  sampler: Pick<Sampler, 'overview'>,
  feed: Pick<LiveFeed, 'refuses' | 'attach'>,
) {
  return handle({
    'GET /overview': async () => reply(200, await sampler.overview()),
    'GET /events'({ caller: { by, subject, loginId } }, res) {
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
  });
}
