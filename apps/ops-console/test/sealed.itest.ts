import { expect, test } from '@jest/globals';
import type { Role } from '@ms1/console-api';
import { jobIdOf, messageKey } from '@ms1/contracts';
import { PayloadSealer, payloadKey } from '@ms1/queue';
import { aMessage } from '@ms1/testkit';

import { consoleBundle, MAILBOXES, TENANT, TOKENS } from './console-bundle.ts';

const keys = [payloadKey('a', Buffer.alloc(32, 1))];
const payloads = new PayloadSealer({ keys });
const message = {
  ...aMessage(1, { tenantId: TENANT, mailboxId: MAILBOXES[0] ?? '' }),
  later: 'canary-new-field',
};
const key = messageKey(message);

/** A console over one job that is sealed: what the board shows of it to each role. */
async function setup(payloadKeys?: typeof keys) {
  const bundle = await consoleBundle({ piiRole: 'admin', ...(payloadKeys && { payloadKeys }) });
  const jobId = jobIdOf(key);
  await bundle.inbound.add('ingest-message', payloads.seal(jobId, message), { jobId });
  const shownTo = async (role: Role): Promise<string> => {
    const headers = { authorization: `Bearer ${TOKENS[role]}` };
    const paths = [`/inbound/${jobId}`, '?activeQueue=inbound&page=1&jobsPerPage=10'];
    const replies = await Promise.all(
      paths.map((path) => bundle.request(`/queues/api/queues${path}`, { headers })),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    return replies.map(({ text }) => text).join('\n');
  };
  return { bundle, shownTo };
}

test('a console with the key shows sealed jobs as others: redacted, and whole to the role that may see it', async () => {
  const { bundle, shownTo } = await setup(keys);
  await using _ = bundle;
  const [reader, admin] = [await shownTo('reader'), await shownTo('admin')];
  expect(reader).toContain(message.mailboxId);
  expect(reader).not.toContain('canary-new-field');
  expect(admin.match(/canary-new-field/g)).toHaveLength(2);
  const { body } = await bundle.api('GET', `/messages/${key}`);
  expect(body).toMatchObject({ timeline: [{ event: 'noticed', at: message.noticedAt }] });
});

test('a console without the key shows that they are sealed, and the rest works', async () => {
  const { bundle, shownTo } = await setup();
  await using _ = bundle;
  expect(await shownTo('admin')).toContain('add it to PAYLOAD_KEY');
  expect(await shownTo('reader')).toContain('[redacted]');
  const { body, status } = await bundle.api('GET', `/messages/${key}`);
  expect({ body, status }).toMatchObject({ status: 200, body: { job: { queue: 'inbound' } } });
});
