import { connect } from 'node:tls';

export interface ServedCertificate {
  /** whether a client that knows the usual authorities (and `ca`) would go on */
  trusted: boolean;
  /** OpenSSL's code for why not; empty when it is trusted */
  problem: string;
  /** ms since the epoch */
  expiresAt: number;
}

/**
 * The certificate that a server shows, also when it is not to be trusted. Nothing is sent but the
 * handshake.
 *
 * @throws the error of the connection, or one with code ETIMEDOUT
 */
export function readCertificate(
  url: URL,
  { ca, cert, key, timeoutMs }: { ca?: string; cert?: string; key?: string; timeoutMs: number },
): Promise<ServedCertificate> {
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      // A name only: TLS has none for an address.
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      // It is looked at and judged below; no request follows.
      rejectUnauthorized: false,
    });
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(Object.assign(new Error('no handshake in time'), { code: 'ETIMEDOUT' })),
    );
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const { valid_to: validTo } = socket.getPeerCertificate();
      const problem = socket.authorizationError;
      resolve({
        trusted: socket.authorized,
        problem:
          problem instanceof Error
            ? ((problem as { code?: string }).code ?? '')
            : String(problem ?? ''),
        expiresAt: Date.parse(validTo),
      });
      socket.destroy();
    });
  });
}
