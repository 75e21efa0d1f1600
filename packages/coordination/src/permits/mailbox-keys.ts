import { hashedId } from '@ms1/contracts';
import { storeKey } from '@ms1/redis';

/** A mailbox in the names of keys; its shard follows from it. */
export function mailboxHash(mailboxId: string): string {
  return hashedId(mailboxId.toLowerCase());
}

/** What is known of a mailbox's requests. */
export function stateKey(own: string, hash: string): string {
  return storeKey(own, 'graph', 'mailbox', hash);
}

/** Its requests in flight. */
export function slotsKey(own: string, hash: string): string {
  return storeKey(own, 'graph', 'slots', hash);
}

/** Its jobs that wait because it refused their messages. */
export function parkedKey(own: string, hash: string): string {
  return storeKey(own, 'refused', 'parked', hash);
}
