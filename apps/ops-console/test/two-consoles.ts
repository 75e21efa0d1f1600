import { type ConsoleBundleOptions, consoleBundle } from './console-bundle.ts';

/**
 * Two consoles over one Redis, as behind a balancer that sends each request anywhere.
 *
 * @param apartMs how far the second one's clock is ahead of the first one's
 */
export async function setUpTwo(options: ConsoleBundleOptions = {}, apartMs = 0) {
  const one = await consoleBundle(options);
  const ahead = {
    get at() {
      return one.clock.at + apartMs;
    },
    now: () => one.clock.at + apartMs,
  };
  const clock = apartMs === 0 ? one.clock : ahead;
  const two = await consoleBundle({ ...options, beside: { ...one, clock } });
  const statusAt = async (bundle: typeof one, cookie: string, path = '/api/me') =>
    (await bundle.request(path, { headers: { cookie } })).status;
  return {
    one,
    two,
    statusAt,
    /** what both say to a login */
    statuses: (cookie: string) => Promise.all([statusAt(one, cookie), statusAt(two, cookie)]),
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]();
      await one[Symbol.asyncDispose]();
    },
  };
}
