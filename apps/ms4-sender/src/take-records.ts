import type { BatchEntry } from '@ms1/bullmq-batch';
import {
  type ContractVersion,
  DeliverRecord,
  isForAnother,
  keyOfJobId,
  type MessageSource,
  parsePayload,
  StrippedRecord,
  type Suspicion,
} from '@ms1/contracts';
import { BATCH_ENVELOPE_BYTES, type EncodedItem, encodeItem } from '@ms1/ms4-client';
import { endLostJob, type PayloadSealer } from '@ms1/queue';

/** One job of a batch, as far as its delivery goes. */
export type DeliveryEntry = Pick<
  BatchEntry,
  'data' | 'lost' | 'complete' | 'fail' | 'delay' | 'nack'
> & {
  readonly job: Pick<
    BatchEntry['job'],
    'id' | 'attemptsMade' | 'opts' | 'timestamp' | 'updateData'
  >;
};

type OpenPayload = PayloadSealer['open'];

/** A record without its personal data, and the message that it was. */
export interface StrippedEntry {
  entry: DeliveryEntry;
  key: string | null;
  message: StrippedRecord['stripped'];
}

/** Of a record what is wanted besides its bytes: what was read to make those is garbage before it is old. */
export interface TakenRecord {
  entry: DeliveryEntry;
  mailbox: string;
  sessionId: string | null;
  source: MessageSource;
  /** ms since the epoch, as is the next */
  receivedAt: number;
  noticedAt: number;
  suspicion: Suspicion | undefined;
  item: EncodedItem;
  /** the payload as it came, with what a later release may have put in */
  data: object;
}

export interface Taken {
  /** what goes into the request, by record id */
  records: Map<string, TakenRecord>;
  /** bytes of the request */
  bytes: number;
  /** jobs whose data will never parse; the key is null when not even the job's id can be read */
  unparsable: { entry: DeliveryEntry; key: string | null }[];
  stripped: StrippedEntry[];
  nacked: number;
}

/** ms until a payload of a later version, or sealed by another key, is looked at again: whom it is for will have it by then */
const FOR_ANOTHER_DELAY_MS = 60_000;

/**
 * Reads the jobs of a batch in their order until the next record would make the request larger than
 * `bytesMax`; that one and those after it go back to the front of the queue. The first record is taken
 * whatever its size: alone it either passes or gets MS4's own 413.
 *
 * @param open a job's data from what is stored of it
 * @param version of MS4's contract, by which each is encoded
 */
export function takeRecords(
  entries: readonly DeliveryEntry[],
  bytesMax: number,
  open: OpenPayload,
  version: ContractVersion,
): Taken {
  const taken: Taken = {
    records: new Map(),
    bytes: BATCH_ENVELOPE_BYTES,
    unparsable: [],
    stripped: [],
    nacked: 0,
  };
  let full = false;
  for (const entry of entries) {
    if (entry.lost || endLostJob(entry)) continue;
    const found = read(entry, open, taken);
    if (!found) continue;
    const { record, suspicion } = found.payload;
    const item = encodeItem(record, entry.job.attemptsMade, version);
    const bytes = taken.bytes + item.json.length + (taken.records.size > 0 ? 1 : 0);
    full ||= taken.records.size > 0 && bytes > bytesMax;
    // Two jobs of one record can not share a request: the verdicts could not be told apart.
    if (full || taken.records.has(item.id)) {
      entry.nack();
      taken.nacked += 1;
      continue;
    }
    taken.records.set(item.id, {
      entry,
      mailbox: record.mailbox,
      sessionId: record.sessionId,
      source: record.source,
      receivedAt: Date.parse(record.receivedAt),
      noticedAt: Date.parse(record.ingestedAt),
      suspicion,
      item,
      data: found.data,
    });
    taken.bytes = bytes;
  }
  return taken;
}

function read(
  entry: DeliveryEntry,
  open: OpenPayload,
  taken: Taken,
): { payload: DeliverRecord; data: object } | null {
  const id = entry.job.id ?? '';
  const key = keyOfJobId(id) ?? null;
  try {
    const data = open(id, entry.data);
    // Not tried with every record: what does not parse costs more than what does.
    const bare = isLater(data) ? StrippedRecord.safeParse(data) : undefined;
    if (bare?.success) {
      taken.stripped.push({ entry, key, message: bare.data.stripped });
      return null;
    }
    return { payload: parsePayload(DeliverRecord, data), data: data as object };
  } catch (error) {
    if (isForAnother(error)) entry.delay(FOR_ANOTHER_DELAY_MS);
    else taken.unparsable.push({ entry, key });
    return null;
  }
}

/** Records have version 1. */
function isLater(data: unknown): boolean {
  return (data as { v?: unknown } | null)?.v !== 1;
}
