import {
  type FolderRef,
  type LedgerEntry,
  MailKind,
  type MessageMetadata,
  type MessageRules,
  messageKey,
  type RulesTestResult,
  type TestedMessage,
} from '@ms1/contracts';
import { type FolderReader, isWhole, type ReadResult, toMetadata } from '@ms1/graph-client';
import type { Ledger } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

import { foldRules } from '../fold-rules.ts';
import { judge } from '../hydrate.ts';
import { needsHeaders } from '../needs-headers.ts';
import type { Mail } from '../reading/mail.ts';
import type { MailReader } from '../reading/mail-reader.ts';

export interface TestRulesOptions {
  folders: Pick<FolderReader, 'latestPage'>;
  reader: Pick<MailReader, 'read'>;
  ledger: Pick<Ledger, 'known'>;
  clock: Clock;
}

export interface TestedMailbox {
  tenantId: string;
  mailboxId: string;
  folders: readonly string[];
}

/**
 * What these rules would do with the latest messages of the folders that are read, as they are in the mailbox now.
 * Nothing is written, and new mail goes first at Graph.
 *
 * @throws {GraphError} when a folder cannot be listed
 */
export async function testRules(
  options: TestRulesOptions,
  { tenantId, mailboxId, folders }: TestedMailbox,
  { rules, last }: { rules: MessageRules; last: number },
  signal: AbortSignal,
): Promise<RulesTestResult> {
  const { reader, ledger, clock } = options;
  const noticedAt = new Date(clock.now()).toISOString();
  const listed = await Promise.all(
    folders.map((folderId) => latestOf(options, { mailboxId, folderId }, last, signal)),
  );
  const latest = listed
    .flat()
    .toSorted((a, b) => (b.receivedAt ?? '').localeCompare(a.receivedAt ?? ''))
    .slice(0, last);
  const read = await reader.read(
    latest.map(({ messageId, folderId, metadata }) => ({
      mailboxId,
      folderId,
      messageId,
      noticedAt,
      priority: 'backfill' as const,
      headers: needsHeaders(rules),
      metadata,
    })),
    signal,
  );
  const keys = latest.map(({ messageId }) => messageKey({ tenantId, mailboxId, messageId }));
  const known = await ledger.known(keys);
  const messages = latest.map(({ folderId, receivedAt }, index): TestedMessage => {
    const mail = read[index];
    return {
      key: keys[index] ?? '',
      folderId,
      receivedAt,
      webLink: mail?.ok ? mail.value.metadata.webLink : null,
      declinedBy: mail ? declinedBy(mail, rules) : [],
      unread: mail?.ok ? null : (mail?.error.code ?? 'graph_protocol'),
      now: stateOf(known[index] ?? null),
    };
  });
  return { at: noticedAt, ...sumOf(messages), messages };
}

/** The reason that all rules together give, then those that each gives by itself. */
function declinedBy(mail: ReadResult<Mail>, rules: MessageRules): string[] {
  // Without a word on kinds some are not taken: that is a rule too.
  const all: MessageRules[] = [rules, { kinds: rules.kinds }];
  for (const [name, rule] of Object.entries(rules)) {
    if (name !== 'kinds') all.push({ kinds: [...MailKind.options], [name]: rule });
  }
  const reasons = all.flatMap((some) => {
    const outcome = judge(mail, foldRules(some));
    return 'declined' in outcome ? [outcome.declined] : [];
  });
  return [...new Set(reasons)];
}

function stateOf(entry: LedgerEntry | null): string | null {
  if (!entry) return null;
  return entry.reason === null ? entry.state : `${entry.state}:${entry.reason}`;
}

function sumOf(
  messages: readonly TestedMessage[],
): Pick<RulesTestResult, 'tested' | 'taken' | 'unread' | 'declined' | 'rules'> {
  const declined: Record<string, number> = {};
  const rules: Record<string, number> = {};
  for (const { declinedBy: reasons } of messages) {
    for (const reason of reasons) rules[reason] = (rules[reason] ?? 0) + 1;
    const [first] = reasons;
    if (first !== undefined) declined[first] = (declined[first] ?? 0) + 1;
  }
  const unread = messages.filter((message) => message.unread !== null).length;
  const taken = messages.filter((message) => message.declinedBy.length === 0).length - unread;
  return { tested: messages.length, taken, unread, declined, rules };
}

interface Latest {
  messageId: string;
  folderId: string;
  receivedAt: string | null;
  /** with it a message is read by the page, and so are most: one by itself costs as much as fifty */
  metadata: MessageMetadata | undefined;
}

/** The latest of a folder; fewer where Graph fails over pages of so many. */
async function latestOf(
  { folders }: TestRulesOptions,
  { mailboxId, folderId }: FolderRef,
  last: number,
  signal: AbortSignal,
): Promise<Latest[]> {
  const { messages } = await folders.latestPage({
    mailboxId,
    folderId,
    link: null,
    pageSize: last,
    priority: 'backfill',
    signal,
  });
  return messages.map(({ id, message }) => ({
    messageId: id,
    folderId,
    receivedAt: message?.receivedDateTime ?? null,
    metadata: message && isWhole(message) ? toMetadata(message) : undefined,
  }));
}
