import { describe, expect, test } from '@jest/globals';
import { ROLES } from '@ms1/console-api';

import { apiRouter } from '../src/api/api-router.ts';
import type { Route } from '../src/api/route.ts';
import type { Access } from '../src/auth/access.ts';
import { consoleBundle as setup, TOKEN, TOKENS } from './console-bundle.ts';
import { CLIENT_ID, CLIENT_SECRET, startProvider } from './start-provider.ts';

/** Everything that answers without credentials. Whoever adds a route here has thought about it. */
const PUBLIC = [
  'get /favicon.ico',
  'get /',
  'get /login',
  'get /login/oidc',
  'get /login/oidc/callback',
  'get /logout',
  'post /login',
  'post /logout',
];

/** The parts of Express's router that tell which routes there are. */
interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle?: { stack?: Layer[]; router?: { stack: Layer[] } };
  match(path: string): boolean;
}

function routesOf(stack: readonly Layer[], base = ''): { method: string; path: string }[] {
  return stack.flatMap((layer) => {
    if (layer.route) {
      const paths = [layer.route.path].flat();
      return Object.keys(layer.route.methods).flatMap((method) =>
        paths.map((path) => ({ method, path: `${base}${path}` })),
      );
    }
    const inner = layer.handle?.stack ?? layer.handle?.router?.stack ?? [];
    const mount = layer.match('/elsewhere')
      ? ''
      : ['/api', '/queues', '/console'].find((path) => layer.match(path));
    if (mount === undefined) return [];
    return routesOf(inner, base + mount);
  });
}

async function setupRoutes(access: Partial<Access> = {}) {
  const bundle = await setup({ access });
  const { router } = bundle.app as unknown as { router: { stack: Layer[] } };
  const routes = routesOf(router.stack).map(({ method, path }) => ({
    name: `${method} ${path}`,
    method: method.toUpperCase(),
    url: path.replaceAll(/:\w+/g, 'inbound'),
  }));
  return { bundle, routes, closed: routes.filter(({ name }) => !PUBLIC.includes(name)) };
}

/** What answers a caller who may not: without credentials 401, with too few rights 403. */
const REFUSED = [401, 403];

describe('access', () => {
  test('every route but the public ones is closed to strangers, wrong tokens and forged cookies', async () => {
    const provider = await startProvider();
    const { issuer } = provider;
    const registered = { clientId: CLIENT_ID, audience: CLIENT_ID, clientSecret: CLIENT_SECRET };
    const { bundle, routes, closed } = await setupRoutes({
      oidc: { issuer, ...registered },
      publicUrl: 'http://console.example',
    });
    await using open = new AsyncDisposableStack();
    open.defer(() => provider.stop());
    open.use(bundle);
    const expired = await provider.sign({ roles: ['Ms1.Admin'], exp: Date.now() / 1_000 - 60 });
    // The table was read from the router: all of ours and all of the board's are in it.
    expect(routes.length).toBeGreaterThan(40);
    expect(routes.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...PUBLIC,
        'post /api/sessions/:id/close',
        'put /queues/api/queues/:queueName/pause',
      ]),
    );
    const login = await bundle.login();
    const [cookie, header, , signature] = login.split(/[=.]/);
    const admin = { by: 'oidc', sub: 'x', role: 'admin', jti: 'A'.repeat(22), exp: 9e9 };
    const [unsigned, claims] = [{ alg: 'none' }, admin].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const ended = await bundle.login();
    await bundle.request('/logout', { method: 'POST', headers: { cookie: ended } });
    for (const { method, url, name: route } of closed) {
      for (const headers of [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: `Bearer ${expired}` },
        { authorization: `Basic ${btoa(`x:${TOKEN}`)}` },
        { cookie: `${cookie}=${header}.${claims}.${signature}` },
        { cookie: `${cookie}=${unsigned}.${claims}.` },
        { cookie: ended },
        // A credential that does not hold is not saved by one that does.
        { authorization: 'Bearer wrong', cookie: login },
      ]) {
        const response = await bundle.request(url, {
          method,
          headers: { 'content-type': 'application/json', ...headers },
        });
        expect([route, response.status]).toEqual([route, 401]);
        expect([route, response.headers.get('x-powered-by')]).toEqual([route, null]);
      }
    }
    // Control: the login that nobody touched holds all the while.
    expect((await bundle.request('/api/me', { headers: { cookie: login } })).status).toBe(200);
  });

  test('no answer of any route names what the console is made with', async () => {
    const { bundle, routes } = await setupRoutes();
    await using _ = bundle;
    const authorization = `Bearer ${TOKEN}`;
    const seen = new Set<number>();
    for (const { method, url, name } of [...routes, { method: 'GET', url: '/no', name: 'none' }]) {
      const { status, headers } = await bundle.request(url, { method, headers: { authorization } });
      expect([name, headers.get('x-powered-by')]).toEqual([name, null]);
      if (name.startsWith('get /queues')) seen.add(status);
    }
    // The board, which is an application of its own, did answer.
    expect(seen).toContain(200);
  });

  test('every route of the API serves exactly the roles that its policy says', async () => {
    const { bundle, closed } = await setupRoutes();
    await using _ = bundle;
    const policies = new Map(
      bundle.routes.map(({ method, path, policy }) => [`${method} /api${path}`, policy]),
    );
    for (const { method, url, name } of closed.filter((route) => route.url.startsWith('/api'))) {
      // A route that is in the router and not in this table has no policy that anybody could check.
      expect([name, policies.get(name)]).toEqual([name, expect.stringMatching(/^\w+$/)]);
      for (const role of ROLES) {
        const { status } = await bundle.request(url, {
          method,
          headers: {
            authorization: `Bearer ${TOKENS[role]}`,
            'content-type': 'application/json',
          },
        });
        const may = ROLES.indexOf(role) >= ROLES.indexOf(policies.get(name) ?? 'admin');
        expect([name, role, REFUSED.includes(status)]).toEqual([name, role, !may]);
        expect([name, role, status]).not.toEqual([name, role, 500]);
      }
    }
  });

  test('a login may read, and change something only when our own page asks for it', async () => {
    const { bundle, closed } = await setupRoutes();
    await using _ = bundle;
    const cookie = await bundle.login();
    for (const { method, url, name } of closed.filter((route) => route.url.startsWith('/api'))) {
      const response = await bundle.request(url, {
        method,
        headers: { cookie, 'content-type': 'application/json' },
      });
      const expected = method === 'GET' ? [200, 400, 404] : [403];
      expect([name, expected.includes(response.status)]).toEqual([name, true]);
    }
    const write = (headers: Record<string, string>) =>
      bundle.request('/api/sessions', {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: '{"name":"a"}',
      });
    const page = { 'x-ms1-page': '1' };
    expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBe(403);
    expect((await write({ ...page, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await write({ ...page, 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await write({ 'content-type': 'text/plain' })).status).toBe(403);
    expect((await write({ ...page, 'content-type': 'text/plain' })).status).toBe(415);
    expect(await bundle.store.list()).toEqual([]);
    expect((await write({ ...page, 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    const [, begun] = await bundle.operators.list();
    expect(begun).toMatchObject({ by: 'password', subject: expect.stringMatching(/^login-/) });
  });

  test('nothing can be changed through the board, whoever tries', async () => {
    const { bundle, closed } = await setupRoutes();
    await using _ = bundle;
    const writes = closed.filter(
      ({ url, method }) => url.startsWith('/queues') && method !== 'GET',
    );
    expect(writes.length).toBeGreaterThan(15);
    const credentials = [
      { cookie: await bundle.login(), 'x-ms1-page': '1' },
      ...ROLES.map((role) => ({ authorization: `Bearer ${TOKENS[role]}` })),
    ];
    for (const { method, url, name } of writes) {
      for (const headers of credentials) {
        const response = await bundle.request(url, { method, headers });
        expect([name, response.status]).toEqual([name, 405]);
      }
    }
    expect(await bundle.inbound.isPaused()).toBe(false);
  });

  test('a route without a policy does not start', () => {
    const route = { method: 'get', path: '/x' } as unknown as Route;
    const operators = { append: async () => '' };
    const idempotency = { once: () => Promise.reject(new Error('not called')) };
    const authenticate = async () => null;
    const options = { authenticate, operators, idempotency, routes: [route] };
    expect(() => apiRouter(options)).toThrow('no policy');
  });

  test('a path that does not exist is closed like one that does', async () => {
    await using bundle = await setup();
    expect((await bundle.request('/api/none')).status).toBe(401);
    expect((await bundle.request('/queues/none')).status).toBe(401);
  });
});

describe('listener', () => {
  test('the root leads to the page, and no page may run a script that is not its own', async () => {
    await using bundle = await setup();
    const root = await bundle.request('/');
    expect([root.status, root.headers.get('location')]).toEqual([302, '/console']);
    const policy = root.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(root.headers.get('x-powered-by')).toBeNull();
    expect(root.headers.get('cache-control')).toBe('no-store');
  });

  test('a Redis that hangs is a 503 within seconds, and tells nothing of itself', async () => {
    await using bundle = await setup();
    // As the console's own connection has; that of the tests must bear a busy machine.
    bundle.redis.options.commandTimeout = 1_500;
    bundle.redisServer.process.kill('SIGSTOP');
    const { status, type, headers, body } = await bundle.api('GET', '/status');
    bundle.redisServer.process.kill('SIGCONT');
    delete bundle.redis.options.commandTimeout;
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(type).toContain('application/problem+json');
    expect(body).toEqual({ title: 'Redis does not answer', status: 503 });
    expect(bundle.errors).toHaveLength(1);
    expect((await bundle.api('GET', '/status')).status).toBe(200);
  });

  test('a Redis that takes no write is a 503 until it does', async () => {
    await using bundle = await setup();
    const find = () => bundle.api('POST', '/find', { sender: 'ana@contoso.example' });
    await bundle.redis.config('SET', 'min-replicas-to-write', '1');
    const { status, headers, body } = await find();
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    expect(body).toEqual({ title: 'Redis takes no write at the moment', status: 503 });
    await bundle.redis.config('SET', 'min-replicas-to-write', '0');
    expect((await find()).status).toBe(200);
  });

  test('a fault of our own is a 500 that tells nothing of itself', async () => {
    await using bundle = await setup();
    await bundle.redis.set('{ms1}:ledger-totals:counts', 'not a hash');
    const { status, body } = await bundle.api('GET', '/status');
    expect([status, Object.keys(body)]).toEqual([500, ['title', 'status']]);
    expect(JSON.stringify(body)).not.toContain('WRONGTYPE');
    expect(bundle.errors).toHaveLength(1);
  });
});
