import type { OpenFleet } from '../fleet/open-fleet.ts';
import type { Pair } from './evidence.ts';
import { expectedRecord, shownRecord } from './expected-record.ts';
import type { Effect, Mail } from './witnesses.ts';

/** Of the plan; what rows put in by hand is compared all. */
const SAMPLE = 60;
const SELECT =
  'subject,from,sender,toRecipients,ccRecipients,replyTo,receivedDateTime,sentDateTime,internetMessageId,conversationId,importance,bodyPreview,webLink';
const FILES_SELECT = 'id,name,contentType,size,isInline';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads messages from Graph and their records from MS4, straight from the simulator, as an auditor of both may.
 *
 * @param isOurs whether this release made the record
 */
export async function compareMail(
  { simulator }: Pick<OpenFleet, 'simulator'>,
  mail: readonly Mail[],
  effects: readonly Effect[],
  isOurs: (effect: Effect) => boolean,
): Promise<Pair[]> {
  const stored = new Set(effects.filter(isOurs).map(({ key }) => key));
  const there = mail.filter(({ key }) => stored.has(key));
  const planned = there.filter((one) => one.planned);
  const every = Math.max(1, Math.floor(planned.length / SAMPLE));
  const sample = [
    ...there.filter((one) => !one.planned).slice(0, 20 * SAMPLE),
    ...planned.filter((_, index) => index % every === 0),
  ];
  const pairs: Pair[] = [];
  for (const { key, mailboxId, messageId } of sample) {
    const path = `/v1.0/users/${mailboxId}/messages/${encodeURIComponent(messageId)}`;
    const source = await read(simulator, `${path}?$select=${SELECT}`);
    const files = await read(simulator, `${path}/attachments?$select=${FILES_SELECT}`);
    const record = await read(simulator, `/v1/messages/${key}`);
    // Deleted meanwhile: there is nothing to compare with.
    if (source && files && record) pairs.push(pairOf(key, source, files['value'], record));
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

/** What MS4 is told to be unreadable is not equal, and says so. */
function pairOf(key: string, message: Json, files: unknown, record: Json): Pair {
  const source = { ...expectedRecord(message, files as Json[], record) };
  for (const member of (record['unreadable'] as string[] | undefined) ?? []) delete source[member];
  return { key, source, record: shownRecord(record) };
}
