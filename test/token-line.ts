import { randomUUID } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { openRedis, openServer, startTokenEndpoint } from '@ms1/testkit';

/**
 * A Redis as Azure has it: its user logs in by a token of Entra, and a connection whose token has expired is broken off.
 * Redis itself expires none, so a line before it does.
 */
export async function startTokenRedis({ lifeMs }: { lifeMs: number }) {
  await using stack = new AsyncDisposableStack();
  const { server, redis: admin } = stack.use(await openRedis());
  const oid = randomUUID();
  const setUser = (...rules: string[]) => admin.call('ACL', 'SETUSER', oid, ...rules);
  await setUser('on', '~{ms1}*', '+@all', '-@dangerous', '+info');
  const expiries = new Map<string, number>();
  let isRefused = false;
  const at = { refusedFirst: 0, brokenOff: 0, logins: 0 };

  const endpoint = stack.use(
    await startTokenEndpoint(({ form }) => {
      if (isRefused || !form['client_assertion']) {
        at.refusedFirst ||= performance.now();
        const body = { error: 'invalid_client', error_description: 'AADSTS70021: none' };
        return { status: 401, body };
      }
      const claims = Buffer.from(JSON.stringify({ oid, jti: randomUUID() })).toString('base64url');
      const token = `e30.${claims}.c2ln`;
      expiries.set(token, performance.now() + lifeMs);
      // Redis answers to what comes later only when it has done this.
      void setUser(`>${token}`);
      const body = { token_type: 'Bearer', expires_in: lifeMs / 1_000, access_token: token };
      return { status: 200, body };
    }),
  );

  const lines = new Map<Socket, string | null>();
  const line = createServer((client) => {
    const redis = connect(server.port, '127.0.0.1');
    lines.set(client, null);
    let tail = '';
    client.on('data', (chunk) => {
      tail = tail.slice(-2_000) + chunk.toString('latin1');
      for (const [, token = ''] of tail.matchAll(AUTH)) {
        if (lines.get(client) !== token) at.logins += 1;
        lines.set(client, token);
      }
      redis.write(chunk);
    });
    redis.on('data', (chunk) => client.write(chunk));
    client.on('close', () => {
      lines.delete(client);
      redis.destroy();
    });
    redis.on('close', () => client.destroy());
    for (const end of [client, redis]) end.on('error', () => undefined);
  });
  const watch = setInterval(() => {
    const now = performance.now();
    for (const [client, token] of lines) {
      if (token === null || now < (expiries.get(token) ?? now)) continue;
      at.brokenOff += 1;
      client.destroy();
    }
    for (const [token, until] of expiries) {
      if (now < until) continue;
      expiries.delete(token);
      void setUser(`<${token}`);
    }
  }, 100);
  stack.defer(() => clearInterval(watch));
  const open = stack.use(await openServer(line));
  const opened = stack.move();
  return {
    url: `redis://127.0.0.1:${open.port}`,
    authorityUrl: endpoint.authorityUrl,
    /** PEM of who vouches for the token endpoint */
    ca: endpoint.ca,
    admin,
    oid,
    /** what a connection logs in with that never renews its token, nor comes back */
    once: () => ({
      username: oid,
      password: [...expiries.keys()].at(-1) ?? '',
      retryStrategy: () => null,
    }),
    /** connections that stand */
    connections: () => lines.size,
    /** AUTH, by connection and token */
    logins: () => at.logins,
    /** connections whose token had expired */
    brokenOff: () => at.brokenOff,
    tokens: () => endpoint.posts.length,
    /** from now on Entra gives no token */
    refuse(): void {
      isRefused = true;
    },
    /** ms since it gave none for the first time; 0: it has not been asked */
    refusedForMs: () => (at.refusedFirst === 0 ? 0 : performance.now() - at.refusedFirst),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const AUTH = /\$4\r\nauth\r\n\$\d+\r\n[^\r]+\r\n\$\d+\r\n([^\r]+)\r\n/gi;
