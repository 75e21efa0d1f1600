import { expect, test } from '@jest/globals';
import { freePort, simulatedFleet } from '@ms1/testkit';

test('starts, is ready, shakes hands, and ends with 0 on SIGTERM', async () => {
  await using fleet = await simulatedFleet();
  const port = await freePort();
  const app = await fleet.start('ingest-api', {
    INGEST_API_HOST: '127.0.0.1',
    INGEST_API_PORT: String(port),
  });
  const webhook = `http://127.0.0.1:${port}/webhooks/graph`;
  const answer = await fetch(`${webhook}?validationToken=a%20b`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([200, 'a b']);
  expect(await app.stop('SIGTERM')).toBe(0);
});
