import {
  type LedgerChange,
  type LedgerEntry,
  MESSAGE_STATES,
  type MessageSource,
  type MessageState,
} from '@ms1/contracts';

/**
 * One letter a state, as the packed value and the script spell it. Their rank decides what is forward:
 * q < p < s = x < d.
 */
export const STATE_LETTERS: Record<MessageState, string> = {
  queued: 'q',
  prepared: 'p',
  delivered: 'd',
  skipped: 's',
  dead: 'x',
};

const STATES = new Map(MESSAGE_STATES.map((state) => [STATE_LETTERS[state], state]));

const SOURCE_LETTERS: Record<MessageSource, string> = { webhook: 'w', poll: 'p', backfill: 'b' };
const SOURCES = new Map<string, MessageSource>([
  ['w', 'webhook'],
  ['p', 'poll'],
  ['b', 'backfill'],
]);

/**
 * Longest reason or receipt kept: a UUID. With one of them (no message has both) a value is 73 bytes
 * or a few more, which jemalloc keeps in 80; with key, object and both hash tables that is 240 of Redis.
 */
const TEXT_MAX = 36;

/**
 * The changes as the script takes them: which columns are one value for all of them, then the columns. Messages of a
 * batch come into the same state together, mostly of one session. A change is packed by the script, because only it
 * knows what was there before:
 *
 *     1<state><source>|<session>|<first time>|<queued>|<prepared>|<final>|<reason>|<receipt>|<received>
 *
 * Times are base 36; those of the states are ms since the first time, never before it. Received is the
 * seconds that it was before the first time: Graph tells whole seconds, and new mail takes one or two
 * characters. It may be missing, with the | before it.
 */
export function changeArguments(changes: readonly LedgerChange[]): string[] {
  const widths: string[] = [];
  const args: string[] = [];
  for (const column of COLUMNS) {
    const values = changes.map(column);
    const [first = ''] = values;
    const isOne = values.every((value) => value === first);
    widths.push(isOne ? '1' : 'n');
    if (isOne) args.push(first);
    else args.push(...values);
  }
  return [widths.join(''), ...args];
}

const COLUMNS: readonly ((change: LedgerChange) => string)[] = [
  ({ state }) => STATE_LETTERS[state],
  ({ at }) => at.toString(36),
  ({ sessionId }) => ledgerText(sessionId),
  ({ source }) => (source ? SOURCE_LETTERS[source] : '-'),
  ({ reason }) => ledgerText(reason),
  ({ receipt }) => ledgerText(receipt),
  receivedText,
];

/** Whole seconds in base 36; empty where it is not known, or no time. */
function receivedText({ receivedAt }: LedgerChange): string {
  if (receivedAt === undefined || !(receivedAt >= 0)) return '';
  return Math.floor(receivedAt / 1_000).toString(36);
}

/** Reads a packed value; null for one this version does not understand. */
export function unpackEntry(packed: string): LedgerEntry | null {
  const [head = '', session, base = '', queued, prepared, final, reason, receipt, received] =
    packed.split('|');
  const state = head[0] === '1' ? STATES.get(head[1] ?? '') : undefined;
  if (!state || receipt === undefined) return null;
  const first = Number.parseInt(base, 36);
  const time = (since: string | undefined): number | null =>
    since ? first + Number.parseInt(since, 36) : null;
  const queuedAt = time(queued);
  const preparedAt = time(prepared);
  return {
    state,
    sessionId: session || null,
    at: time(final) ?? preparedAt ?? queuedAt ?? first,
    source: SOURCES.get(head[2] ?? '') ?? null,
    reason: reason || null,
    receipt: receipt || null,
    receivedAt: received
      ? (Math.floor(first / 1_000) - Number.parseInt(received, 36)) * 1_000
      : null,
    queuedAt,
    preparedAt,
  };
}

/** `|` separates the fields and one character must stay one byte. */
export function ledgerText(value: string | null | undefined): string {
  if (!value) return '';
  return value.replaceAll(/[^ -{}~]/g, '_').slice(0, TEXT_MAX);
}
