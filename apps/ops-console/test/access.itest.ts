import { describe, expect, test } from '@jest/globals';

import { apiRouter } from '../src/api/api-router.ts';
import type { Route } from '../src/api/route.ts';
import type { OidcAccess } from '../src/auth/access.ts';
import { ROLES } from '../src/auth/caller.ts';
import { SessionCookie } from '../src/auth/session-cookie.ts';
import { PASSWORD, consoleBundle as setup, TOKEN, TOKENS } from './console-bundle.ts';
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

const post = (password: string, headers = {}): RequestInit => ({
  method: 'POST',
  headers,
  body: new URLSearchParams({ password, next: '/queues/queue/inbound' }),
});

async function setupRoutes(oidc?: OidcAccess) {
  const bundle = await setup({ ...(oidc && { oidc }) });
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
    const audience = { audience: CLIENT_ID, clientSecret: CLIENT_SECRET };
    const { bundle, routes, closed } = await setupRoutes({
      issuer,
      clientId: CLIENT_ID,
      publicUrl: 'http://console.example',
      ...audience,
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
    const admin = { by: 'password', subject: 'login-x', role: 'admin' } as const;
    const forged = new SessionCookie('another password', bundle.clock).issue(admin, false);
    for (const { method, url, name } of closed) {
      for (const headers of [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: `Bearer ${expired}` },
        { authorization: `Basic ${btoa(`x:${TOKEN}`)}` },
        { cookie: forged.split(';')[0] ?? '' },
        { cookie: `ms1_console=${bundle.clock.at + 1_000}.` },
        // A credential that does not hold is not saved by one that does.
        { authorization: 'Bearer wrong', cookie: await bundle.login() },
      ]) {
        const response = await bundle.request(url, {
          method,
          headers: { 'content-type': 'application/json', ...headers },
        });
        expect([name, response.status]).toEqual([name, 401]);
      }
    }
  });

  test('every route of the API serves exactly the roles that its policy says', async () => {
    const { bundle, closed } = await setupRoutes();
    await using _ = bundle;
    const policies = new Map(
      bundle.routes.map(({ method, path, policy }) => [`${method} /api${path}`, policy]),
    );
    policies.set('get /api/openapi.json', 'reader').set('get /api/reference', 'reader');
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

describe('login', () => {
  test('the right password leads on with a cookie that only this server reads, until it expires', async () => {
    await using bundle = await setup();
    const response = await bundle.request('/login', post(PASSWORD));
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      '/queues/queue/inbound',
    ]);
    const header = response.headers.get('set-cookie') ?? '';
    expect(header).toMatch(/; Path=\/; Max-Age=28800; HttpOnly; SameSite=Strict$/);
    const cookie = header.split(';')[0] ?? '';
    const status = async () => (await bundle.request('/queues', { headers: { cookie } })).status;
    expect(await status()).toBe(200);
    bundle.clock.at += 8 * 3_600_000;
    expect(await status()).toBe(401);
  });

  test('behind a TLS proxy the cookie is for https only', async () => {
    await using bundle = await setup();
    const response = await bundle.request(
      '/login',
      post(PASSWORD, { 'x-forwarded-proto': 'https' }),
    );
    expect(response.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('a browser without a login is shown the page, a program is told 401', async () => {
    await using bundle = await setup();
    const page = await bundle.request('/queues/queue/inbound', {
      headers: { accept: 'text/html' },
    });
    expect(page.status).toBe(401);
    expect(page.text).toContain('value="/queues/queue/inbound"');
    const reply = await bundle.request('/queues/api/queues', {
      headers: { accept: 'application/json' },
    });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      401,
      expect.stringContaining('application/problem+json'),
    ]);
  });

  test.each([
    '//evil.example',
    'https://evil.example',
    '/queues"><script>',
    '/login',
    '/queues\\..',
  ])('never leads to %s', async (next) => {
    await using bundle = await setup();
    const page = await bundle.request(`/login?next=${encodeURIComponent(next)}`);
    expect(page.text).toContain('name="next" value="/console"');
    const body = new URLSearchParams({ password: PASSWORD, next });
    const response = await bundle.request('/login', { method: 'POST', body });
    expect(response.headers.get('location')).toBe('/console');
  });

  test('after five wrong passwords even the right one has to wait, and a header does not help', async () => {
    await using bundle = await setup();
    for (let i = 0; i < 5; i += 1) {
      const wrong = await bundle.request(
        '/login',
        post(`${PASSWORD}${i}`, { 'x-forwarded-for': `10.0.0.${i}` }),
      );
      expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
    }
    const limited = await bundle.request('/login', post(PASSWORD));
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60']);
    bundle.clock.at += 60_000;
    expect((await bundle.request('/login', post(PASSWORD))).status).toBe(303);
  });

  test('refuses a form that another site sent', async () => {
    await using bundle = await setup();
    for (const path of ['/login', '/logout']) {
      const response = await bundle.request(path, {
        ...post(PASSWORD, { 'sec-fetch-site': 'cross-site' }),
      });
      expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null]);
    }
  });

  test('logging out takes the cookie away', async () => {
    await using bundle = await setup();
    const response = await bundle.request('/logout', { method: 'POST' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/login']);
    expect(response.headers.get('set-cookie')).toMatch(/^ms1_console=; Path=\/; Max-Age=0/);
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

  test('a fault of our own is a 500 that tells nothing of itself', async () => {
    await using bundle = await setup();
    await bundle.redis.set('{ms1}:ledger-totals:counts', 'not a hash');
    const { status, body } = await bundle.api('GET', '/status');
    expect([status, Object.keys(body)]).toEqual([500, ['title', 'status']]);
    expect(JSON.stringify(body)).not.toContain('WRONGTYPE');
    expect(bundle.errors).toHaveLength(1);
  });
});
