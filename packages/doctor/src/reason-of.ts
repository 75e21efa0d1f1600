import { GraphError } from '@ms1/graph-client';
import { Ms4Error } from '@ms1/ms4-client';

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known to DNS',
  EAI_AGAIN: 'DNS does not answer',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it does not answer in time',
  EPROTO: 'it does not speak TLS there',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, or this clock is wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it does not send the whole chain of certificates',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/**
 * Why a call failed, in words that may be shown. Errors of ours are written for that; of others only
 * the code is used, because their texts may hold addresses.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof GraphError || error instanceof Ms4Error) return error.message;
  const code = codeOf(error);
  return WORDS[code] ?? (code || 'an error without a code');
}

/** The code of an error, or of the nearest cause that has one. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string') return code;
    if (at instanceof AggregateError) {
      const inner = at.errors.map(codeOf).find((found) => found !== '');
      if (inner) return inner;
    }
  }
  return error instanceof Error ? error.name : '';
}
