import type { LocateJobs } from '@ms1/queue';
import { z } from 'zod';

import {
  type Clearable,
  type ClearOptions,
  clearLetters,
  DISCARDED,
} from '../dead-letters/clear-letters.ts';
import { type PutBackSources, putBackMail } from '../mail/put-back.ts';
import {
  fits,
  type LookedAt,
  type MailRow,
  type WalkSources,
  walkMail,
} from '../mail/walk-mail.ts';
import type { Operation, Outcome } from './operation-store.ts';
import type { Work } from './run-operations.ts';

type Asked = Pick<Operation, 'action' | 'mail' | 'until'>;

export interface MailWorkSources extends ClearOptions, WalkSources {
  ledger: ClearOptions['ledger'] & WalkSources['ledger'];
  locate: LocateJobs;
  /** null: this console has no credential for Graph */
  putBack: PutBackSources | null;
}

const Listed = z.object({
  key: z.string(),
  mailbox: z.string(),
  at: z.number(),
  isSkipped: z.boolean(),
  isReceived: z.boolean(),
});

/** Mail of a filter that something may be done with: what was discarded stays so. */
export async function* mailFor(
  sources: WalkSources,
  asked: Asked,
  after?: Parameters<typeof walkMail>[2],
): AsyncGenerator<LookedAt> {
  for await (const some of walkMail(sources, asked.mail ?? {}, after)) {
    yield { ...some, rows: some.rows.filter(({ entry }) => isMeant(entry, asked)) };
  }
}

/** Acts on the mail of a filter, judged by what the ledger says of each when it is its turn. */
export function mailWork(sources: MailWorkSources, asked: Asked): Work {
  return {
    async *scan(after) {
      const from = after === undefined ? undefined : Listed.parse(after);
      for await (const { rows, last } of mailFor(sources, asked, from)) {
        for (const { listed } of rows) yield { item: listed, position: listed };
        yield { position: last };
      }
    },
    async act(items, { again, signal }) {
      const listed = z.array(Listed).parse(items);
      const entries = await sources.ledger.known(listed.map(({ key }) => key));
      const rows = listed.flatMap((one, n) => {
        const entry = entries[n];
        // What was half done is in another state by now: its queue tells.
        const isHalf = again && asked.action !== 'put-back';
        return entry && (isHalf || isMeant(entry, asked)) ? [{ listed: one, entry }] : [];
      });
      const { putBack } = sources;
      const outcomes =
        asked.action === 'put-back'
          ? putBack && (await putBackMail(putBack, rows, signal))
          : await clearMail(sources, asked.action, rows, again);
      const byKey = new Map(rows.map((row, n) => [row.listed.key, outcomes?.[n]]));
      return listed.map(({ key }) =>
        byKey.has(key) ? (byKey.get(key) ?? 'failed:no_credential') : 'gone',
      );
    },
  };
}

/** What came into its state after it was asked for is somebody else's concern. */
function isMeant(entry: MailRow['entry'], { action, mail = {}, until }: Asked): boolean {
  const isOver = action !== 'put-back' && entry.reason === DISCARDED;
  return fits(entry, mail) && entry.at <= until && !isOver;
}

async function clearMail(
  sources: MailWorkSources,
  action: 'replay' | 'discard',
  rows: readonly MailRow[],
  again: boolean,
): Promise<Outcome[]> {
  const places = await sources.locate(rows.map(({ listed }) => listed.key));
  const letters: Clearable[] = [];
  const outcomes = rows.map(({ listed: { key }, entry }, n): Outcome | undefined => {
    const place = places[n];
    if (place?.failed) {
      letters.push({ key, stage: place.queue, cause: entry.reason ?? 'unknown' });
      return undefined;
    }
    // Dead by the ledger, and no letter: its job is lost, and an audit of its mailbox tells.
    return place || again ? 'gone' : 'failed:no_letter';
  });
  const cleared = letters.length > 0 ? await clearLetters(sources, action, letters) : [];
  const byKey = new Map(letters.map(({ key }, n) => [key, cleared[n]]));
  return rows.map(({ listed: { key } }, n) => outcomes[n] ?? byKey.get(key) ?? 'gone');
}
