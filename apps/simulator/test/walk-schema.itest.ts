import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';

import { IMMUTABLE, startSimulator } from './start-simulator.ts';
import { startReceiver } from './webhook-receiver.ts';

// Derived from Microsoft's CSDL and documents. It lies beside the project, not in it.
const SCHEMA = join(import.meta.dirname, '../../../../shared/graph/jsonschema-mail.json');
const there = existsSync(SCHEMA);
if (!there) process.stderr.write(`skipped: there is no schema at ${SCHEMA}\n`);

function validator() {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formatsPlugin.default(ajv);
  ajv.addSchema({ ...(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object), $id: 'graph' });
  return (name: string, value: unknown): string => {
    const validate = ajv.getSchema(`graph#/$defs/${name}`);
    if (!validate) throw new Error(`the schema does not know ${name}`);
    return validate(value) ? '' : ajv.errorsText(validate.errors);
  };
}

(there ? describe : describe.skip)('what the simulator answers, by the schema of Graph', () => {
  test('pages of delta with messages and tombstones, listings, subscriptions, errors; and the schema bites', async () => {
    const problems = validator();
    await using bundle = await startSimulator();
    await using receiver = await startReceiver();
    const { mailbox, operate } = bundle;
    const user = `/v1.0/users/${mailbox.id}`;
    const get = (path: string, prefer = `${IMMUTABLE}, odata.maxpagesize=5`) =>
      bundle.call(path, { headers: { prefer } });
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.push(await bundle.inject());

    const delta = 'x-derived.messageDeltaResponse';
    const first = await get(`${user}/mailFolders/inbox/messages/delta`);
    expect([first.body.value.length, problems(delta, first.body)]).toEqual([5, '']);
    const second = await get(first.body['@odata.nextLink']);
    expect([second.body.value.length, problems(delta, second.body)]).toEqual([2, '']);
    await operate({ op: 'delete', messageId: ids[0] });
    const third = await get(second.body['@odata.deltaLink']);
    expect([third.body.value.length, problems(delta, third.body)]).toEqual([1, '']);
    expect(problems('x-derived.messageRemoved', third.body.value[0])).toBe('');
    expect(problems(delta, { ...third.body, value: 'none' })).not.toBe('');

    const list = await get(`${user}/mailFolders/inbox/messages`);
    expect(problems('microsoft.graph.messageCollectionResponse', list.body)).toBe('');

    const created = await bundle.post(
      '/v1.0/subscriptions',
      {
        changeType: 'created',
        notificationUrl: receiver.url,
        resource: `users/${mailbox.id}/mailFolders('inbox')/messages`,
        expirationDateTime: new Date(Date.now() + 86_400_000).toISOString(),
        clientState: 'secret',
      },
      { prefer: IMMUTABLE },
    );
    expect([created.status, problems('microsoft.graph.subscription', created.body)]).toEqual([
      201,
      '',
    ]);
    const all = await get('/v1.0/subscriptions');
    expect(problems('microsoft.graph.subscriptionCollectionResponse', all.body)).toBe('');

    const error = 'microsoft.graph.ODataErrors.ODataError';
    const forgotten = await get(`${user}/mailFolders/inbox/messages/delta?$deltatoken=forgotten`);
    expect([forgotten.status, problems(error, forgotten.body)]).toEqual([410, '']);
    const filter = '?$filter=receivedDateTime gt 2026-01-01T00:00:00Z';
    const refused = await get(`${user}/mailFolders/inbox/messages/delta${filter}`);
    expect([refused.status, problems(error, refused.body)]).toEqual([400, '']);
    expect(problems(error, { error: 'a text' })).not.toBe('');
  });
});
