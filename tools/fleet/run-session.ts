import { setTimeout as delay } from 'node:timers/promises';
import { ConsoleApiError, type ConsoleClient } from '@ms1/console-api';

import type { Session } from './console-client.ts';
import type { FleetOptions } from './parse-options.ts';
import { Patience } from './patience.ts';
import { finalOf, type Progress } from './progress.ts';
import { Rate } from './rate.ts';
import type { Screen } from './screen.ts';
import type { SimulatorClient } from './simulator-client.ts';
import type { WitnessLedgers } from './witness-ledgers.ts';

export interface SessionRun {
  session: Session;
  /** from the first injection to the last message that became final */
  elapsedMs: number;
  /** messages delivered by this run */
  deliveredNow: number;
  /** nothing moved any more, so it was closed before everything was final: its listing shows what is missing */
  stuck: boolean;
}

export interface SessionContext {
  simulator: SimulatorClient;
  console: ConsoleClient;
  ledgers: WitnessLedgers;
  options: FleetOptions;
  screen: Screen;
  signal: AbortSignal;
  now?: () => number;
}

/** Half is announced by notification; the other half only delta finds. */
const ANNOUNCED = 0.5;
const POLL_MS = 300;
const RATE_WINDOW_MS = 4_000;
/** The mailbox's clock and the ledger's line may differ by as much. */
const WINDOW_SLACK_MS = 60_000;

/** The name under which a run is found again after Ctrl-C. */
function sessionName({ seed, messages, mailboxes }: FleetOptions): string {
  return `demo-seed${seed}-messages${messages}-mailboxes${mailboxes}`;
}

/**
 * Takes one session of messages through the fleet: opens it (or finds the one that Ctrl-C left open),
 * injects, watches until everything is final, closes it and waits for its scans.
 */
export async function runSession(context: SessionContext): Promise<SessionRun> {
  const { simulator, ledgers, options, screen, signal, now = Date.now } = context;
  const begunBefore = ledgers.begunAt;
  const from = new Date((begunBefore ? Date.parse(begunBefore) : now()) - WINDOW_SLACK_MS);
  const session = await openSession(context, from.toISOString());
  const deliveredBefore = ledgers.delivered;
  const begun = now();
  const { messages, mailboxes, seed } = options;
  await simulator.inject({ messages, mailboxes, seed, announced: ANNOUNCED }, signal);

  const rate = new Rate(RATE_WINDOW_MS);
  const patience = new Patience(now);
  let final = -1;
  let finalAt = begun;
  let stuck = false;
  for (;;) {
    const { progress, counts } = await observe(context, session.id, rate, begun);
    screen.show(progress);
    const count = finalOf(progress);
    if (count > final) finalAt = now();
    final = Math.max(final, count);
    if (count >= messages) break;
    // What is noticed and prepared counts too: a resumed backlog is worked off queue by queue.
    stuck = patience.isOver([progress.injected, final, counts]);
    if (stuck) break;
    await delay(POLL_MS, undefined, { signal });
  }
  const elapsedMs = Math.max(1, finalAt - begun);
  screen.settle();
  const closed = await closeSession(context, session.id);
  ledgers.refresh();
  const deliveredNow = ledgers.delivered - deliveredBefore;
  return { session: closed, elapsedMs, deliveredNow, stuck };
}

async function openSession(context: SessionContext, from: string): Promise<Session> {
  const { console, options, screen, signal } = context;
  const name = sessionName(options);
  for (const session of await console.call('GET /sessions', { signal })) {
    if (session.status === 'open' && session.name === name) {
      screen.say(`Going on with session ${name}, which was left open.`);
      return session;
    }
    // A mailbox is in one open session at a time, and the one before was never closed.
    if (session.status === 'open') await closeSession(context, session.id);
  }
  return console.call('POST /sessions', { body: { name, mailboxes: 'all', from }, signal });
}

async function observe(
  { simulator, console, ledgers, options, signal, now = Date.now }: SessionContext,
  sessionId: string,
  rate: Rate,
  begun: number,
): Promise<{ progress: Progress; counts: Session['counts'] }> {
  const [session, queues] = await Promise.all([
    console.call('GET /sessions/:id', { params: { id: sessionId }, signal }),
    console.call('GET /queues', { signal }),
    // Asked so that an injection that ended early is begun again: it is idempotent.
    simulator.injection(signal),
  ]);
  ledgers.refresh();
  const { skipped, dead } = session.counts;
  const at = now();
  const progress = {
    planned: options.messages,
    injected: ledgers.injected,
    delivered: ledgers.delivered,
    skipped,
    dead,
    queues,
    perSecond: rate.add(at, ledgers.delivered + skipped + dead),
    elapsedMs: at - begun,
  };
  return { progress, counts: session.counts };
}

/** Closes a session and waits until its folders are listed and what they hold is final. */
async function closeSession(
  { console, screen, signal, now = Date.now }: SessionContext,
  id: string,
): Promise<Session> {
  let session = await close(console, id, signal);
  if (session.status === 'closing') screen.say('Listing every mailbox again to be sure ...');
  const patience = new Patience(now);
  while (session.status === 'closing') {
    await delay(POLL_MS, undefined, { signal });
    session = await console.call('GET /sessions/:id', { params: { id }, signal });
    if (patience.isOver([session.scans, session.found, session.counts])) {
      const { done, total } = session.scans;
      screen.say(`Session ${session.name} does not finish: ${done} of ${total} folders listed.`);
      break;
    }
  }
  return session;
}

async function close(console: ConsoleClient, id: string, signal: AbortSignal): Promise<Session> {
  try {
    return await console.call('POST /sessions/:id/close', { params: { id }, signal });
  } catch (error) {
    // Closed by a run before this one, or by hand in the console.
    if (!(error instanceof ConsoleApiError && error.status === 409)) throw error;
    return console.call('GET /sessions/:id', { params: { id }, signal });
  }
}
