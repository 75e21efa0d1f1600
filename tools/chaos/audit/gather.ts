import type { ChaosRow } from '../chaos-row.ts';
import { MS4_LIMITS, type OpenFleet } from '../fleet/open-fleet.ts';
import type { Told } from '../run/session.ts';
import type { Watched } from '../watch/watch-run.ts';
import { compareMail } from './compare-mail.ts';
import type { Canary, Evidence, MailboxUsage, RowWindow } from './evidence.ts';
import { outputsOf, secretsOf } from './outputs.ts';
import { fatesOf, lettersOf, placesOf, totalsOf } from './raw-redis.ts';
import type { Effect, Witnesses } from './witnesses.ts';

export interface GatherContext {
  readonly fleet: OpenFleet;
  readonly witnesses: Witnesses;
  readonly watched: Watched;
  readonly windows: readonly RowWindow[];
  readonly rows: readonly ChaosRow[];
  readonly planned: number;
  readonly canaries: readonly Canary[];
  readonly told: Told;
}

/** Collects everything that is outside the fleet's code: ledgers, raw Redis, the kernel, what others saw. */
export async function gather(context: GatherContext): Promise<Evidence> {
  const { fleet, witnesses, watched, windows, rows, planned, canaries, told } = context;
  witnesses.refresh();
  const { admin } = fleet.redis;
  const missing = witnesses.missing().map(({ key }) => key);
  const mail = [...witnesses.mail.values()];
  const isOther = otherReleases(rows, windows);
  const { mailboxes: usage } = await fleet.control<{ mailboxes: MailboxUsage[] }>('usage');
  return {
    planned,
    mail,
    // What comes of the replays that follow is not of this audit.
    effects: [...witnesses.effects],
    deleted: new Set(witnesses.deleted),
    fates: await fatesOf(admin, missing),
    places: await placesOf(admin),
    letters: await lettersOf(admin),
    totals: await totalsOf(admin),
    windows,
    excused: excusesOf(rows),
    arrivals: [...witnesses.arrivals],
    limits: MS4_LIMITS,
    usage,
    mailboxes: fleet.mailboxes,
    door: fleet.door.answers,
    watched,
    pairs: await compareMail(fleet, mail, witnesses.effects, (effect) => !isOther(effect)),
    outputs: outputsOf(fleet),
    canaries: [...canaries, ...(await secretsOf(fleet, admin))],
    linesTouched: fleet.lineUse.touched,
    told,
  };
}

/** What another release had prepared is in MS4 a minute after it is gone. */
const PREPARED_MS = 60_000;

function otherReleases(rows: readonly ChaosRow[], windows: readonly RowWindow[]) {
  const ids = new Set(rows.filter(({ expects }) => expects?.otherRelease).map(({ id }) => id));
  const times = windows.filter(({ id }) => ids.has(id));
  return ({ at }: Effect): boolean =>
    times.some(({ from, endedAt }) => at >= from && at <= endedAt + PREPARED_MS);
}

function excusesOf(rows: readonly ChaosRow[]): Set<string> {
  return new Set(
    rows.flatMap(({ expects }) => [
      ...(expects?.dead ?? []).map((reason) => `dead:${reason}`),
      ...(expects?.skipped ?? []).map((reason) => `skipped:${reason}`),
    ]),
  );
}
