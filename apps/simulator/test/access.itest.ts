import { describe, expect, test } from '@jest/globals';

import { startSimulator, TOKEN } from './start-simulator.ts';

const APP = '33333333-3333-4333-8333-333333333333';

async function setup() {
  const started = await startSimulator();
  const { tenant } = started.simulator;
  return {
    ...started,
    tenant,
    token: async () => {
      const response = await fetch(`${started.url}/${tenant.id}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: APP,
          client_secret: TOKEN,
          scope: 'https://graph.microsoft.com/.default',
        }),
      });
      const { access_token: token } = (await response.json()) as { access_token: string };
      return token;
    },
  };
}

const rolesOf = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { roles: unknown })
    .roles;

describe('what the app may do', () => {
  test('is in its token, as Entra puts it there: Mail.Read, or what a fault says', async () => {
    await using bundle = await setup();
    expect(rolesOf(await bundle.token())).toEqual(['Mail.Read']);
    await bundle.fault('graph-roles', { match: 'Mail.ReadWrite Mail.Send' });
    expect(rolesOf(await bundle.token())).toEqual(['Mail.ReadWrite', 'Mail.Send']);
  });

  test('a token opens Graph, and one that was tampered with does not', async () => {
    await using bundle = await setup();
    const token = await bundle.token();
    const statusWith = async (bearer: string) =>
      (
        await bundle.call(`/v1.0/users/${bundle.tenant.mailboxes[0]?.id}/mailFolders/inbox`, {
          headers: { authorization: `Bearer ${bearer}` },
        })
      ).status;
    expect(await statusWith(token)).toBe(200);
    const [header, , signature] = token.split('.');
    const forged = Buffer.from(JSON.stringify({ appid: APP, exp: 9_999_999_999 }));
    expect(await statusWith(`${header}.${forged.toString('base64url')}.${signature}`)).toBe(401);
  });

  test('reaches every mailbox but the outsider, unless the grant is tenant-wide or one is taken away', async () => {
    await using bundle = await setup();
    const { mailboxes, outsider } = bundle.tenant;
    const status = async (id: string | undefined) =>
      (await bundle.call(`/v1.0/users/${id}/mailFolders/inbox`)).status;
    const statuses = () => Promise.all([...mailboxes, outsider].map(({ id }) => status(id)));
    expect(await statuses()).toEqual([200, 200, 403]);
    await bundle.fault('graph-tenant-wide');
    await bundle.fault('graph-403', { mailboxId: mailboxes[1]?.id });
    expect(await statuses()).toEqual([200, 403, 200]);
  });

  test('a clock that is wrong shows in the Date of Graph, or of MS4', async () => {
    await using bundle = await setup();
    const ahead = async (path: string) =>
      Date.parse((await bundle.call(path)).headers.get('date') ?? '') - Date.now() > 30_000;
    const both = async () => [await ahead('/v1.0/subscriptions'), await ahead('/health')];
    expect(await both()).toEqual([false, false]);
    await bundle.fault('ms4-date', { ms: 60_000 });
    expect(await both()).toEqual([false, true]);
    await bundle.fault('graph-date', { ms: 60_000 });
    expect(await both()).toEqual([true, true]);
  });
});
