import { defineScript, Keeper, storeKey } from '@ms1/redis';

/**
 * What became of a mailbox's mail on a day, by when it was decided. A crash between a decision and its count, and a
 * message that is judged twice, make it differ by a few: the ledger is exact, and knows no mailboxes.
 *
 * read         taken by a processor to its end: prepared, skipped or dead
 * delivered    judged by MS4 as stored or known
 * timed        of those, all but the past of a session, which is as old as its window
 * late         of the timed, those for which it took longer than the objective
 * unexplained  found by an audit, with nothing that accounts for it
 */
const TALLIED = ['read', 'skipped', 'dead', 'delivered', 'timed', 'late', 'unexplained'] as const;
export type Tallied = (typeof TALLIED)[number];
export type Tally = Record<Tallied, number>;

export interface TallyCount {
  mailboxId: string;
  counted: Tallied;
  by: number;
}

export const DAY_MS = 86_400_000;
/** ms: thirty days, the one that is under way, and one for clocks that differ */
const KEPT_MS = 32 * DAY_MS;
/** Of all mailboxes together: no id of a mailbox is one letter. */
const ALL = '*';
/** Of fields, in their order. */
const LETTERS: Record<Tallied, string> = {
  read: 'r',
  skipped: 's',
  dead: 'x',
  delivered: 'd',
  timed: 't',
  late: 'l',
  unexplained: 'u',
};
/** Fields a day and command; 31 days of 500 mailboxes are 31 commands of a millisecond. */
const CHUNK = 3_000;

/**     KEYS  day     ARGV  ttl, then field and number in turn */
const ADD_LUA = `
for i = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`;

/** The day of a time: days since the epoch, in UTC. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);

/** Tallies by day and mailbox: at most seven fields of 90 bytes a mailbox and day, for 32 days; one command a batch. */
export class TallyStore extends Keeper {
  readonly #add = defineScript(this.redis, 'ms1TallyAdd', ADD_LUA);

  /** Counts for today. */
  async add(counts: readonly TallyCount[]): Promise<void> {
    const fields = new Map<string, number>();
    const count = (field: string, by: number): void =>
      void fields.set(field, (fields.get(field) ?? 0) + by);
    for (const { mailboxId, counted, by } of counts) {
      count(fieldOf(mailboxId, counted), by);
      count(fieldOf(ALL, counted), by);
    }
    if (fields.size === 0) return;
    await this.#add([this.#key(dayOf(this.clock.now()))], [KEPT_MS, ...[...fields].flat()]);
  }

  /** Of these mailboxes, in their order, over days from the first to the last; 0 of what is not wanted. */
  async read(
    mailboxIds: readonly string[],
    { first, last }: { first: number; last: number },
    wanted: readonly Tallied[] = TALLIED,
  ): Promise<Tally[]> {
    const sums = mailboxIds.map((): Tally => emptyTally());
    const perChunk = Math.floor(CHUNK / wanted.length);
    const readChunk = async (day: number, start: number): Promise<void> => {
      const own = mailboxIds.slice(start, start + perChunk);
      const fields = own.flatMap((id) => wanted.map((counted) => fieldOf(id, counted)));
      const values = await this.redis.hmget(this.#key(day), ...fields);
      for (const [index, value] of values.entries()) {
        const sum = sums[start + Math.floor(index / wanted.length)];
        const counted = wanted[index % wanted.length];
        if (sum && counted) sum[counted] += Number(value ?? 0);
      }
    };
    const reads: Promise<void>[] = [];
    for (let day = first; day <= last; day += 1) {
      for (let start = 0; start < mailboxIds.length; start += perChunk) {
        reads.push(readChunk(day, start));
      }
    }
    // One round trip: they are sent together.
    await Promise.all(reads);
    return sums;
  }

  /** Of all mailboxes together. */
  async readAll(days: { first: number; last: number }): Promise<Tally> {
    const [tally = emptyTally()] = await this.read([ALL], days);
    return tally;
  }

  #key(day: number): string {
    return storeKey(this.prefix, 'tally', String(day));
  }
}

const emptyTally = (): Tally => ({
  read: 0,
  skipped: 0,
  dead: 0,
  delivered: 0,
  timed: 0,
  late: 0,
  unexplained: 0,
});

const fieldOf = (mailboxId: string, counted: Tallied): string =>
  `${mailboxId.toLowerCase()}:${LETTERS[counted]}`;
