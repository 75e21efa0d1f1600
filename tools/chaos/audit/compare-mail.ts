import type { OpenFleet } from '../fleet/open-fleet.ts';
import type { Pair } from './evidence.ts';
import type { Effect, Mail } from './witnesses.ts';

/** Of the plan; what rows put in by hand is compared all. */
const SAMPLE = 60;
const SELECT =
  'subject,from,toRecipients,ccRecipients,receivedDateTime,internetMessageId,importance,bodyPreview';

interface Recipient {
  readonly emailAddress?: { readonly address?: string | null };
}
type Json = Readonly<Record<string, unknown>>;

/** Reads messages from Graph and their records from MS4, straight from the simulator, as an auditor of both may. */
export async function compareMail(
  { simulator }: Pick<OpenFleet, 'simulator'>,
  mail: readonly Mail[],
  effects: readonly Effect[],
): Promise<Pair[]> {
  const stored = new Set(effects.map(({ key }) => key));
  const there = mail.filter(({ key }) => stored.has(key));
  const planned = there.filter((one) => one.planned);
  const every = Math.max(1, Math.floor(planned.length / SAMPLE));
  const sample = [
    ...there.filter((one) => !one.planned).slice(0, 10 * SAMPLE),
    ...planned.filter((_, index) => index % every === 0),
  ];
  const pairs: Pair[] = [];
  for (const { key, mailboxId, messageId } of sample) {
    const path = `/v1.0/users/${mailboxId}/messages/${encodeURIComponent(messageId)}`;
    const source = await read(simulator, `${path}?$select=${SELECT}`);
    const record = await read(simulator, `/v1/messages/${key}`);
    // Deleted meanwhile: there is nothing to compare with.
    if (source && record) pairs.push(pairOf(key, source, record));
  }
  return pairs;
}

async function read(
  { url, token }: OpenFleet['simulator'],
  path: string,
): Promise<Json | undefined> {
  const headers = { authorization: `Bearer ${token}`, prefer: 'IdType="ImmutableId"' };
  const answer = await fetch(`${url}${path}`, { headers });
  if (answer.ok) return (await answer.json()) as Json;
  await answer.body?.cancel();
  return undefined;
}

function pairOf(key: string, message: Json, record: Json): Pair {
  const source: Record<string, unknown> = {
    subject: cleaned(message['subject']),
    from: addressOf(message['from'] as Recipient | null),
    to: addressesOf(message['toRecipients']),
    cc: addressesOf(message['ccRecipients']),
    receivedAt: Date.parse(String(message['receivedDateTime'])),
    internetMessageId: cleaned(message['internetMessageId']),
    importance: message['importance'],
    bodyPreview: cleaned(message['bodyPreview']),
  };
  const shown: Record<string, unknown> = {
    ...record,
    from: (record['from'] as { address?: string } | null)?.address ?? null,
    to: (record['to'] as { address?: string }[]).map(({ address }) => address),
    cc: (record['cc'] as { address?: string }[]).map(({ address }) => address),
    receivedAt: Date.parse(String(record['receivedAt'])),
  };
  // What MS4 is told to be cut or unreadable is not equal, and says so.
  for (const list of ['truncated', 'unreadable']) {
    for (const member of (record[list] as string[] | undefined) ?? []) delete source[member];
  }
  return { key, source, record: shown };
}

const addressesOf = (recipients: unknown): unknown[] =>
  ((recipients as Recipient[] | undefined) ?? []).map(addressOf);

const addressOf = (recipient: Recipient | null): unknown =>
  cleaned(recipient?.emailAddress?.address ?? null);

/** The documented normalisation (docs/reliability.md#odd-text): no NUL, no half of a surrogate pair. */
function cleaned(text: unknown): unknown {
  return typeof text === 'string'
    ? text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '')
    : text;
}
