import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** PEM, both. Made in this run, so that no key is kept anywhere. */
export interface TestCertificate {
  cert: string;
  key: string;
}

/** One DER value: its tag, its length, its content. */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Uint8Array[]): Buffer => der(0x30, ...content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const RSA_WITH_SHA256 = sequence(oid('2a864886f70d01010b'), der(0x05));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const BASIC_CONSTRAINTS = oid('551d13');

const nameOf = (name: string): Buffer =>
  sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text));

let serial = 1;

/** @param subject.authority may sign others */
function certificate(
  subject: { name: string; publicKey: KeyObject; authority?: boolean },
  issuer: { name: string; privateKey: KeyObject },
): string {
  serial += 1;
  const algorithm =
    issuer.privateKey.asymmetricKeyType === 'ec' ? ECDSA_WITH_SHA256 : RSA_WITH_SHA256;
  const altName = sequence(der(0x87, Buffer.from([127, 0, 0, 1])));
  const extension = subject.authority
    ? sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence(TRUE)))
    : sequence(SUBJECT_ALT_NAME, der(0x04, altName));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    algorithm,
    nameOf(issuer.name),
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    nameOf(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, issuer.privateKey));
  const bytes = sequence(body, algorithm, signature).toString('base64');
  const lines = bytes.match(/.{1,64}/g)?.join('\n') ?? '';
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** `ec` is for TLS, and quick; `rsa` has 2,048 bits, for what is signed or encrypted with it */
type KeyKind = 'ec' | 'rsa';

const keysOf = (kind: KeyKind) =>
  kind === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A certificate that vouches for itself, for 127.0.0.1 and this run. */
export function selfSigned(name: string, kind: KeyKind = 'ec'): TestCertificate {
  const { publicKey, privateKey } = keysOf(kind);
  const cert = certificate({ name, publicKey }, { name, privateKey });
  return { cert, key: pemOf(privateKey) };
}

/** An authority of this run, which vouches for 127.0.0.1. */
export function createAuthority(name: string): {
  cert: string;
  issue(subject: string, kind?: KeyKind): TestCertificate;
} {
  const own = keysOf('ec');
  const issuer = { name, privateKey: own.privateKey };
  return {
    cert: certificate({ name, publicKey: own.publicKey, authority: true }, issuer),
    issue(subject, kind = 'ec') {
      const { publicKey, privateKey } = keysOf(kind);
      return { cert: certificate({ name: subject, publicKey }, issuer), key: pemOf(privateKey) };
    },
  };
}
