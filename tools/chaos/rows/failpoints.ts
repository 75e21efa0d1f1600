import type { ChaosFleet, ChaosProcess, Role } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { nameOf, RESTART_MS, STALL_MS, seconds, within } from './process-waiting.ts';

/** A process of a busy fleet passes any of these within a minute or two: the other of its role has its turns too. */
const PASS_MS = 120_000;
const MAIL_EVERY_MS = 3_000;
const BLOCK_MS = 45_000;
/** from its death until the next one is ready (P12 of the matrix, and the second of the supervisor) */
const BACK_MS = 6_000;

/** Starts a process again with a failpoint, which only that one has: whatever follows it runs on. */
async function armed(
  app: ChaosProcess,
  failpoint: string,
  signal: AbortSignal,
): Promise<{ restarts: number; written: number }> {
  const { restarts } = app;
  const written = app.output().length;
  app.environment({ NODE_ENV: 'test', FAILPOINT: failpoint });
  app.signal('SIGKILL');
  await within(20_000, `${app.name} is started`, () => app.restarts > restarts, signal);
  app.environment({ NODE_ENV: null, FAILPOINT: null });
  return { restarts: app.restarts, written };
}

/** Waits for what mail leads to; the mail of the run may be all there, so some more comes. */
async function overMail(
  fleet: ChaosFleet,
  what: string,
  holds: () => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  let nextAt = 0;
  const look = async (): Promise<boolean> => {
    if (await holds()) return true;
    if (performance.now() < nextAt) return false;
    nextAt = performance.now() + MAIL_EVERY_MS;
    for (const [index, id] of fleet.mailboxes.entries()) {
      const message = { op: 'inject', announced: index % 2 === 0 };
      await fleet.control(`mailboxes/${id}/messages`, message);
    }
    return false;
  };
  await within(PASS_MS, what, look, signal);
}

async function answers({ health }: ChaosProcess, path: string): Promise<boolean> {
  try {
    return (await fetch(`${health}/${path}`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** One of the role dies at each of these, one after another. */
const deaths = (id: string, role: Role, names: readonly string[]): ChaosRow => ({
  id,
  about: `kill -9 of a ${role} between two effects: ${names.join(', ')}`,
  recoveryMs: role === 'ingest-api' ? RESTART_MS : STALL_MS,
  async inject(fleet, dice, signal) {
    const told: string[] = [];
    for (const name of dice.shuffle(names)) {
      const app = dice.pick(fleet.of(role));
      const { restarts } = await armed(app, `${name}:${dice.between(1, 3)}:kill`, signal);
      const what = `${app.name} dies at ${name}`;
      await overMail(fleet, what, () => app.restarts > restarts, signal);
      await within(20_000, `${app.name} is ready`, () => answers(app, 'readyz'), signal);
      told.push(`${app.name} at ${name}`);
    }
    return `killed ${told.join(', ')}`;
  },
});

/** Its locks run out meanwhile, and what it has in hand is somebody else's when it goes on. */
const blocked = (id: string, role: Role, name: string): ChaosRow => ({
  id,
  about: `event loop of a ${role} blocked for 45 s at ${name}`,
  recoveryMs: RESTART_MS,
  async inject(fleet, dice, signal) {
    const app = dice.pick(fleet.of(role));
    await armed(app, `${name}:2:block=${BLOCK_MS}`, signal);
    await within(20_000, `${app.name} is ready`, () => answers(app, 'readyz'), signal);
    const isDeaf = async (): Promise<boolean> => !(await answers(app, 'healthz'));
    await overMail(fleet, `${app.name} is blocked`, isDeaf, signal);
    const began = performance.now();
    await within(2 * BLOCK_MS, `${app.name} goes on`, () => answers(app, 'healthz'), signal);
    return `${nameOf(app)} did not answer for ${seconds(performance.now() - began)}`;
  },
});

/** A rejection that nobody awaits ends the process, and not without a word. */
const unhandled = (id: string, role: Role, name: string): ChaosRow => ({
  id,
  about: `a rejection that nobody awaits in a ${role}`,
  recoveryMs: RESTART_MS,
  async inject(fleet, dice, signal) {
    const app = dice.pick(fleet.of(role));
    const { restarts, written } = await armed(app, `${name}:1:unhandled`, signal);
    await overMail(fleet, `${app.name} ends`, () => app.restarts > restarts, signal);
    const began = performance.now();
    const what = `${app.name} is ready ${seconds(BACK_MS)} after its end`;
    await within(BACK_MS, what, () => answers(app, 'readyz'), signal);
    if (!app.output().slice(written).includes(`failpoint ${name}`)) {
      throw new Error(`${app.name} did not say why it ended`);
    }
    return `${app.name} ended, said why, and was back in ${seconds(performance.now() - began)}`;
  },
});

export const FAILPOINTS: readonly ChaosRow[] = [
  deaths('P1f', 'ingest-api', ['ingest-api:before-answer']),
  deaths('P2f', 'poller', [
    'poller:after-page',
    'poller:after-notice',
    'poller:after-cursor',
    'notice:after-add',
  ]),
  deaths('P3f', 'processor', ['processor:before-settle', 'processor:after-settle']),
  deaths('P4f', 'ms4-sender', [
    'ms4-sender:before-post',
    'ms4-sender:after-post',
    'ms4-sender:after-ledger',
  ]),
  blocked('P11', 'ms4-sender', 'ms4-sender:after-post'),
  blocked('P11b', 'processor', 'processor:before-settle'),
  unhandled('P12', 'processor', 'processor:after-settle'),
  unhandled('P12b', 'ingest-api', 'ingest-api:before-answer'),
];
