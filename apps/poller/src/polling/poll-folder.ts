import type { Lease } from '@ms1/coordination';
import { type GraphError, GraphResetError } from '@ms1/graph-client';
import type { CursorStore } from '@ms1/mailboxes';

import { holdLease } from '../leases/hold-lease.ts';
import { isRelookDue, type RelookReport } from './relook-folder.ts';
import { walkAround } from './walk-around.ts';
import {
  type Position,
  type WalkedFolder,
  type WalkOptions,
  type WalkReport,
  walkFolder,
} from './walk-folder.ts';

export interface PollOptions extends WalkOptions {
  /** null while another walks the folder */
  lease: (folder: WalkedFolder) => Promise<Lease | null>;
  cursors: Pick<CursorStore, 'read' | 'write'>;
  /** RFC 3339; undefined: what a position says, or `takenFrom` where there is none */
  since: string | undefined;
  /** ms since the epoch from which mail of a folder that has no position is taken; default now */
  takenFrom?: (folder: WalkedFolder) => number;
  /** told after a walk that came to its end; answers whether the next one should come sooner */
  afterWalk: (folder: WalkedFolder, report: WalkReport) => Promise<boolean>;
  /** looks again at what the folder received lately, by listing it; called now and then, after a walk */
  relook: (
    folder: WalkedFolder,
    bounds: { since: string; walkedBefore: number },
    signal: AbortSignal,
  ) => Promise<RelookReport>;
}

export type PollOutcome =
  | { kind: 'walked'; report: WalkReport; sooner: boolean; relook: RelookReport | null }
  /** a page that cannot be read stands in the way: the folder was listed instead */
  | { kind: 'around'; error: GraphError; relook: RelookReport }
  /** another process walks it */
  | { kind: 'busy' }
  /** another process took over in the middle */
  | { kind: 'lost' }
  /** Graph forgot the position: the next poll begins anew */
  | { kind: 'reset' };

/**
 * One poll of a folder: at most one walker at a time, fleet-wide, and a position that only the holder
 * of the lease moves.
 *
 * @throws {GraphError}
 * @throws {EndlessWalkError}
 */
export async function pollFolder(
  options: PollOptions,
  folder: WalkedFolder,
  signal: AbortSignal,
): Promise<PollOutcome> {
  const lease = await options.lease(folder);
  if (lease === null) return { kind: 'busy' };
  let held = signal;
  const isLost = (): boolean => held.aborted && !signal.aborted;
  try {
    const walk = (stop: AbortSignal): Promise<PollOutcome> => {
      held = stop;
      return walkUnder(lease.fence, options, folder, stop);
    };
    const outcome = await holdLease(lease, walk, signal);
    return outcome.kind === 'walked' && !outcome.report.complete && isLost()
      ? { kind: 'lost' }
      : outcome;
  } catch (error) {
    if (isLost() || (error as { code?: unknown }).code === 'fenced') return { kind: 'lost' };
    throw error;
  }
}

/** Graph tells when mail came by whole seconds: what came later in this one must not look older than it. */
function wholeSecond(ms: number): string {
  return new Date(Math.floor(ms / 1_000) * 1_000).toISOString();
}

async function walkUnder(
  fence: number,
  options: PollOptions,
  folder: WalkedFolder,
  signal: AbortSignal,
): Promise<PollOutcome> {
  const { cursors, clock } = options;
  const stored = await cursors.read(folder, fence);
  const begin = (): string => wholeSecond(options.takenFrom?.(folder) ?? clock.now());
  const since = options.since ?? stored?.since ?? begin();
  const walkedBefore = stored?.updatedAt ?? null;
  const noticedTo = stored?.noticedTo ?? null;
  const start = { link: stored?.link ?? null, since, walkedBefore };
  // Before the first page: from when mail is taken must survive a crash in the first walk.
  if (stored === null) await cursors.write(folder, { ...start, noticedTo }, fence);

  let { link } = start;
  const began = clock.now();
  const store = async (position: Position, more: boolean): Promise<void> => {
    const noticed = more ? noticedTo : began;
    await cursors.write(folder, { ...position, noticedTo: noticed }, fence);
    link = position.link;
  };
  const look = (from: number): Promise<RelookReport> =>
    options.relook(folder, { since, walkedBefore: from }, signal);
  try {
    const report = await walkFolder(options, folder, start, store, signal);
    const sooner = report.complete && (await options.afterWalk(folder, report));
    const due = walkedBefore !== null && isRelookDue(walkedBefore, clock.now());
    const relook = report.complete && due ? await look(walkedBefore) : null;
    return { kind: 'walked', report, sooner, relook };
  } catch (error) {
    if (error instanceof GraphResetError && link !== null) {
      // Location is not followed: an empty token means what beginning anew means (docs/graph-contract.md#delta-tokens).
      await cursors.write(folder, { link: null, since, noticedTo }, fence);
      return { kind: 'reset' };
    }
    const around = await walkAround(error, look, { noticedTo, since });
    await cursors.write(folder, { link, since, noticedTo: began }, fence);
    return around;
  }
}
