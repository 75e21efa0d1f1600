import { expect, test } from '@jest/globals';
import { startTokenEndpoint } from '@ms1/testkit';

import { TokenEndpointError, tokenNetwork } from '../src/token-network.ts';

async function post(
  answer: Parameters<typeof startTokenEndpoint>[0],
  timeoutMs?: number,
): Promise<{ thrown: unknown; failures: TokenEndpointError[] }> {
  await using endpoint = await startTokenEndpoint(answer);
  const origin = endpoint.authorityUrl;
  const failures: TokenEndpointError[] = [];
  const network = tokenNetwork({
    origin,
    onFailure: (error) => failures.push(error),
    ...(timeoutMs && { timeoutMs }),
  });
  const body = 'client_secret=canary';
  const thrown = await network.sendPostRequestAsync(`${origin}/token`, { body }).catch((e) => e);
  return { thrown, failures };
}

test.each([
  ['never answers', () => null, 100],
  [
    'begins to answer, and no more',
    (_: unknown, __: unknown, res: NodeJS.WritableStream) => {
      res.write('{');
      return null;
    },
    100,
  ],
] as const)('an endpoint that %s is not waited for without end', async (_, answer, timeoutMs) => {
  const { thrown, failures } = await post(answer, timeoutMs);
  expect(thrown).toBeInstanceOf(TokenEndpointError);
  expect(failures).toEqual([thrown]);
});

test('an answer without an end is not kept in memory', async () => {
  let sent = 0;
  const { thrown } = await post((_, __, res) => {
    const more = (): void => {
      while (!res.destroyed && res.write('x'.repeat(100_000))) sent += 100_000;
    };
    res.on('drain', more);
    more();
    return null;
  }, 60_000);
  expect(thrown).toMatchObject({ message: 'token endpoint sends too large an answer' });
  // Beyond what is kept there is what sockets hold.
  expect(sent).toBeLessThan(50_000_000);
});
