import { createHash } from 'node:crypto';
import type { MailboxEntry } from '@ms1/contracts';

/** Who is to be forgotten: an address, a mailbox, or an address that is also what a mailbox is called. */
export interface Person {
  /** lower case; null: only a mailbox was named */
  address: string | null;
  /** object ids, lower case */
  mailboxIds: string[];
  /** of those, the ones that are still read: more of their mail will come */
  watched: string[];
  /** mailboxes whose label or rules name the address: operators wrote that, and only they change it */
  namedIn: string[];
}

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/** Reads an address, a mailbox's id or its label; null when it is none of these. */
export function personOf(who: string, entries: readonly MailboxEntry[]): Person | null {
  const name = who.trim().toLowerCase();
  const address = ADDRESS.test(name) ? name : null;
  const mailboxes = entries.filter(
    ({ mailboxId, label }) => mailboxId === name || label.trim().toLowerCase() === name,
  );
  const mailboxIds = [
    ...new Set([
      ...(GUID.test(name) ? [name] : []),
      ...mailboxes.map(({ mailboxId }) => mailboxId),
    ]),
  ];
  if (address === null && mailboxIds.length === 0) return null;
  const watched = mailboxes.filter(({ state }) => state !== 'removed');
  const names = address === null ? null : addressPattern(address);
  const namedIn = entries.filter(
    ({ label, rules }) => names?.test(label) || names?.test(JSON.stringify(rules)),
  );
  return {
    address,
    mailboxIds,
    watched: watched.map(({ mailboxId }) => mailboxId),
    namedIn: namedIn.map(({ mailboxId }) => mailboxId),
  };
}

/**
 * What the logs keep of whom it was about: 16 bits of a hash. Who knows the address can see that it may have been that
 * one; who does not cannot tell it from the 1 in 65,536 of all others.
 */
export function tagOf(who: string): string {
  return createHash('sha256').update(who.trim().toLowerCase()).digest('hex').slice(0, 4);
}

/** The whole address, in whatever case: no longer one that ends or begins with it. */
function addressPattern(address: string): RegExp {
  const literal = address.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}._%+'-])${literal}(?![\p{L}\p{N}-]|\.[\p{L}\p{N}])`,
    'iu',
  );
}

/** Whether a payload, or any text in or about a job, is about a person. */
export function createNames({ address, mailboxIds }: Person): (said: unknown) => boolean {
  const pattern = address === null ? null : addressPattern(address);
  const ids = new Set(mailboxIds);
  const names = (said: unknown): boolean => {
    if (typeof said === 'string') {
      return ids.has(said.toLowerCase()) || (pattern?.test(said) ?? false);
    }
    if (typeof said !== 'object' || said === null) return false;
    return Object.values(said).some(names);
  };
  return names;
}
