import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JOBS } from '@ms1/contracts';

import { raw, SUBSCRIPTION, startWebhook } from './webhook-bundle.ts';

// The documented payloads lie beside the project, not in it: where they are missing, nothing here runs.
const EXAMPLES = join(import.meta.dirname, '../../../../shared/graph/examples');
const there = existsSync(EXAMPLES);
if (!there) process.stderr.write(`skipped: there are no examples at ${EXAMPLES}\n`);

const read = (name: string): string => readFileSync(join(EXAMPLES, name), 'utf8');

/** The files that Graph would POST to us, and what must come of each. The documents' placeholders are filled in. */
const RECEIVED: Record<string, { inbound: string[]; polling: string[] }> = {
  'notification-basic.json': { inbound: ['AAMkAGUwNjQ4ZjIxLTQ3Y2Y='], polling: [] },
  'notification-rich.json': { inbound: ['AAMkAGUwNjQ4ZjIxLTQ3Y2Y8AAA='], polling: [] },
  'lifecycle-missed.json': { inbound: [], polling: [JOBS.pollFolder] },
  'lifecycle-reauthorizationRequired.json': { inbound: [], polling: [JOBS.renewSubscriptions] },
  'lifecycle-subscriptionRemoved.json': {
    inbound: [],
    polling: [JOBS.pollFolder, JOBS.renewSubscriptions],
  },
};

function filledIn(text: string): string {
  return text
    .replace(/"subscriptionId"\s*:\s*"[^"]*"/g, `"subscriptionId":"${SUBSCRIPTION.subscriptionId}"`)
    .replace(/"clientState"\s*:\s*"[^"]*"/g, `"clientState":"${SUBSCRIPTION.clientState}"`)
    .replaceAll('{long_id_string}', 'AAMkAGUwNjQ4ZjIxLTQ3Y2Y=');
}

(there ? describe : describe.skip)('the documented payloads that Graph sends to a webhook', () => {
  let bundle: Awaited<ReturnType<typeof startWebhook>>;
  beforeAll(async () => {
    bundle = await startWebhook();
  });
  afterAll(() => bundle[Symbol.asyncDispose]());

  test('are all known here: a new one of notifications or lifecycle events is not overlooked', () => {
    const received = readdirSync(EXAMPLES).filter((name) =>
      /^(notification|lifecycle)-.*\.json$/.test(name),
    );
    // That one is what a rich notification holds once decrypted: no POST.
    const others = ['notification-rich-decrypted-message.json'];
    expect(received.toSorted()).toEqual([...Object.keys(RECEIVED), ...others].toSorted());
  });

  test.each(Object.entries(RECEIVED))(
    '%s is answered 202 and does what it asks for',
    async (name, { inbound, polling }) => {
      await bundle.redis.flushall();
      await bundle.subscriptions.put(SUBSCRIPTION);
      const answer = await bundle.post(filledIn(read(name)));
      expect([answer.status, await answer.text()]).toEqual([202, '']);
      expect(await bundle.waiting()).toEqual(inbound);
      const asked = (await bundle.polling.getWaiting()).map((job) => job.name);
      expect(asked.toSorted()).toEqual(polling);
    },
  );

  test.each(Object.keys(RECEIVED))(
    '%s is answered the same as it is printed, from a subscription nobody knows, and does nothing',
    async (name) => {
      await bundle.redis.flushall();
      const answer = await bundle.post(read(name));
      expect([answer.status, await answer.text()]).toEqual([202, '']);
      expect(await bundle.waiting()).toEqual([]);
      expect(await bundle.polling.getWaitingCount()).toBe(0);
    },
  );

  test('http-exchanges.http: the validation request is answered as the file says', async () => {
    const [, validation = '', reply = ''] = read('http-exchanges.http').split(/^### .*$/m);
    expect(validation).toContain('POST https://{notificationUrl}?validationToken=');
    const contentType = /^Content-Type: (.*)$/m.exec(validation)?.[1];
    const wanted = {
      status: /^HTTP\/1\.1 (.*)$/m.exec(reply)?.[1],
      type: /^Content-type: (.*)$/im.exec(reply)?.[1],
      length: Number(/^Content-length: (\d+)$/im.exec(reply)?.[1]),
    };
    expect(wanted).toEqual({ status: '200 OK', type: 'text/plain', length: 7 });
    const answer = await raw(
      bundle.port,
      `POST /webhooks/graph?validationToken=%3Ctoken%3E HTTP/1.1\r\nHost: x\r\nContent-Type: ${contentType}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    const [head = '', body] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${wanted.status}`));
    expect(head).toMatch(new RegExp(`^content-type: ${wanted.type}`, 'im'));
    expect(head).toMatch(new RegExp(`^content-length: ${wanted.length}$`, 'im'));
    expect(body).toBe('<token>');
  });
});
