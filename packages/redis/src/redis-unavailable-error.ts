import { describeRedis, type RedisAddress } from './redis-address.ts';
import { RedisStartError } from './redis-start-error.ts';

/** Redis does not answer, or does not let us in. Its message says what to do, and never shows credentials. */
export class RedisUnavailableError extends RedisStartError {
  readonly code = 'redis_unavailable';

  constructor(address: RedisAddress, cause: Error | undefined) {
    const troubles = address.tls ? [...TROUBLES, BROKEN_OFF] : TROUBLES;
    super(sentenceOf(`Redis at ${describeRedis(address)}`, troubles, cause), cause && { cause });
    this.name = 'RedisUnavailableError';
  }
}

/** No Sentinel has told where the primary is. */
export class SentinelUnavailableError extends RedisStartError {
  readonly code = 'redis_unavailable';

  constructor({ nodes, name }: RedisAddress, cause: Error) {
    const own: typeof TROUBLES = [
      [/no such primary/, `watches no primary named ${name}: correct the name in REDIS_URL`],
      [/NOAUTH/, 'wants a password of its own: set REDIS_SENTINEL_PASSWORD_FILE'],
      [/WRONGPASS/, 'refuses its password: correct REDIS_SENTINEL_PASSWORD_FILE'],
      [/unknown command/, 'is no Sentinel: correct the hosts and ports in REDIS_URL'],
    ];
    const where = nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
    super(sentenceOf(`Sentinel at ${where}`, [...own, ...TROUBLES], cause), { cause });
    this.name = 'SentinelUnavailableError';
  }
}

/** What a server or its TLS says, and what is to be done about it; the first that fits. */
const TROUBLES: readonly [pattern: RegExp, sentence: string][] = [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|self-signed certificate|unable to verify/,
    'shows a certificate that is signed by a CA that this process does not know: set REDIS_CA_FILE',
  ],
  [
    /ALTNAME_INVALID|does not match certificate/,
    'shows a certificate for another name: write REDIS_URL with the name that it is for',
  ],
  [/CERT_HAS_EXPIRED|certificate has expired/, 'shows a certificate that has expired: renew it'],
  [
    /CERTIFICATE_REQUIRED|certificate required|HANDSHAKE_FAILURE|ALERT_BAD_CERTIFICATE|ALERT_UNKNOWN_CA/i,
    'wants a certificate of ours that it trusts: set REDIS_CERT_FILE and REDIS_KEY_FILE',
  ],
  [/WRONG_VERSION_NUMBER|wrong version number/, 'does not speak TLS: write redis, not rediss'],
  [
    /WRONGPASS|invalid password/,
    'refuses our user or password: correct them in REDIS_URL, or give the identity of REDIS_AUTH access',
  ],
  [
    /called without any password configured/,
    'has no password: take that out of REDIS_URL, or give Redis one',
  ],
  [/NOAUTH/, 'wants a password: write it into REDIS_URL'],
  [/cluster support disabled/, 'is no Cluster: write REDIS_URL without +cluster'],
  [/CLUSTERDOWN/, 'is down: some of its slots have no node (redis-cli --cluster check says which)'],
  [/LOADING/, 'is still loading its data: start again in a moment'],
];

/** In TLS 1.3 what it says of a certificate that is missing is mostly lost with the connection. */
const BROKEN_OFF: (typeof TROUBLES)[number] = [
  /ECONNRESET|EPIPE/,
  'breaks off TLS: where it wants a certificate of ours, set REDIS_CERT_FILE and REDIS_KEY_FILE',
];

function sentenceOf(
  who: string,
  troubles: typeof TROUBLES,
  cause: NodeJS.ErrnoException | undefined,
): string {
  const said = `${cause?.code ?? ''} ${cause?.message ?? ''}`;
  const trouble = troubles.find(([pattern]) => pattern.test(said))?.[1];
  if (trouble !== undefined) return `${who} ${trouble}`;
  const reason = cause?.code ?? cause?.message;
  return `${who} does not answer${reason ? ` (${reason})` : ''}: start it or set REDIS_URL`;
}
