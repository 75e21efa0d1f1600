import { createHash } from 'node:crypto';

/**
 * The first 128 bits of SHA-256 over tenant, mailbox and immutable id, each with its length before it. Written anew from
 * the contract, not taken from the fleet: a fleet that derives it differently is to be found out.
 */
export function messageKeyOf([
  tenantId = '',
  mailboxId = '',
  messageId = '',
]: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of [tenantId.toLowerCase(), mailboxId.toLowerCase(), messageId]) {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest().subarray(0, 16).toString('base64url');
}
