import { createServer, type IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { openServer, spawnApp } from '@ms1/testkit';

const CHILD = fileURLToPath(new URL('./managed-identity-child.ts', import.meta.url));
const IDENTITY = '44444444-4444-4444-8444-444444444444';

/** The identity endpoint of a platform, and what it was asked. */
async function setup(status = 200) {
  const seen: { query: Record<string, string>; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((req, res) => {
    const { searchParams } = new URL(req.url ?? '', 'http://x');
    seen.push({ query: Object.fromEntries(searchParams), headers: req.headers });
    res.writeHead(status, { 'content-type': 'application/json' });
    const expires = String(Math.floor(Date.now() / 1_000) + 3_600);
    res.end(
      JSON.stringify(
        status === 200
          ? {
              access_token: `token-${seen.length}`,
              expires_on: expires,
              resource: 'r',
              token_type: 'Bearer',
            }
          : { error: 'invalid_request', error_description: 'Identity not found' },
      ),
    );
  });
  const open = await openServer(server);
  const url = `http://127.0.0.1:${open.port}`;
  const run = async (env: Record<string, string>, ...args: string[]): Promise<string[]> => {
    await using app = spawnApp({ entry: CHILD, env, args });
    await app.exited;
    return app.output().trim().split('\n');
  };
  return {
    url,
    seen,
    run,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

describe('a managed identity', () => {
  test('of App Service gets a token from where the platform says, once', async () => {
    await using bundle = await setup();
    const env = { IDENTITY_ENDPOINT: `${bundle.url}/msi`, IDENTITY_HEADER: 'of-this-machine' };
    expect(await bundle.run(env, IDENTITY)).toEqual(['fulfilled token-1', 'fulfilled token-1']);
    expect(bundle.seen).toHaveLength(1);
    expect(bundle.seen[0]?.query).toMatchObject({
      resource: 'https://graph.microsoft.com',
      client_id: IDENTITY,
    });
    expect(bundle.seen[0]?.headers['x-identity-header']).toBe('of-this-machine');
  });

  test('of a virtual machine is the system-assigned one where none is named', async () => {
    await using bundle = await setup();
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: bundle.url };
    expect(await bundle.run(env)).toEqual(['fulfilled token-1', 'fulfilled token-1']);
    expect(bundle.seen[0]?.query).toMatchObject({ resource: 'https://graph.microsoft.com' });
    expect(bundle.seen[0]?.query).not.toHaveProperty('client_id');
    expect(bundle.seen[0]?.headers['metadata']).toBe('true');
  });

  test('that the machine does not have says so', async () => {
    await using bundle = await setup(400);
    const [line] = await bundle.run({ AZURE_POD_IDENTITY_AUTHORITY_HOST: bundle.url }, IDENTITY);
    expect(line).toMatch(/^rejected graph_auth .*managed identity is assigned to this machine/);
  });
});
