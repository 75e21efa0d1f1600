import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { type Attacked, type AttackPlan, attack } from '../abuse/attack.ts';
import { forged } from '../abuse/hostile-requests.ts';
import { messageKeyOf } from '../audit/message-key.ts';
import type { ChaosFleet, ChaosProcess } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import { putMail } from './simulated-mail.ts';

const PATH = '/webhooks/graph';
const LASTS_MS = 20_000;
const HONEST_EVERY_MS = 250;
const HONEST_MIN = 20;
/**
 * Graph counts an answer after 3 s as slow, and drops notifications for ten minutes where 15 % are; half a second less is
 * left for the way. That is what may never be. The 500 ms at p99 of a machine of its own is not asked of one whose two
 * cores also run the attack, the fleet and the simulator.
 */
const ANSWER_MS_MAX = 2_500;
/** I11: of any process at any time. */
const RSS_MB_MAX = 512;

interface Abuse {
  readonly id: string;
  readonly about: string;
  readonly kind: AttackPlan['kind'];
  readonly lastsMs?: number;
  /** Graph sends again what is answered 503, so a flood may shed. */
  readonly mayShed?: boolean;
  /** @throws when it was no attack */
  readonly check: (attacked: Attacked) => void;
}

/** Abuse of one webhook, while notifications of Graph come to both: they are answered in time, and memory stays bounded. */
function abuse({ kind, lastsMs = LASTS_MS, mayShed = false, check, ...row }: Abuse): ChaosRow {
  return {
    ...row,
    recoveryMs: 15_000,
    async inject(fleet, _dice, signal) {
      const [target] = fleet.of('ingest-api');
      if (!target) throw new Error('there is no ingest-api');
      const from = Date.now();
      const plan = { kind, port: Number(new URL(fleet.webhook).port), path: PATH, lastsMs };
      const over = new AbortController();
      const [attacked, peakMb] = await Promise.all([
        attack(plan, signal).finally(() => over.abort()),
        peakOf(target, over.signal),
        honestMail(fleet, AbortSignal.any([over.signal, signal])),
      ]);
      signal.throwIfAborted();
      check(attacked);
      const honest = fleet.door.answers.filter(({ at }) => at >= from);
      const times = honest.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
      const slowest = Math.round(times.at(-1) ?? 0);
      const p99 = Math.round(times[Math.ceil(times.length * 0.99) - 1] ?? 0);
      const refused = honest.filter(({ status }) => status !== 202).length;
      const said = [
        `sent ${attacked.sent}, answered ${JSON.stringify(attacked.answers)}, closed ${attacked.closed}`,
        `${honest.length} honest POSTs, ${refused} refused, p99 ${p99} ms, slowest ${slowest} ms`,
        `${target.name} at most ${peakMb} MB`,
      ].join('; ');
      const isBad =
        honest.length < HONEST_MIN ||
        slowest > ANSWER_MS_MAX ||
        peakMb > RSS_MB_MAX ||
        (refused > 0 && !mayShed);
      if (isBad) throw new Error(said);
      return said;
    },
  };
}

/** Mail that Graph tells of, all the while. */
async function honestMail(fleet: ChaosFleet, signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    const mailboxId = fleet.mailboxes[n % fleet.mailboxes.length] ?? '';
    await putMail(fleet, mailboxId, { subject: `honest ${n}` });
    await delay(HONEST_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** MB that the process had at most, by the kernel. */
async function peakOf(app: ChaosProcess, signal: AbortSignal): Promise<number> {
  let peak = 0;
  while (!signal.aborted) {
    const status = readFileSync(`/proc/${app.pid}/status`, 'utf8');
    peak = Math.max(peak, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
    await delay(200, undefined, { signal }).catch(() => undefined);
  }
  return Math.round(peak);
}

const atLeast = (count: number, least: number, what: string): void => {
  if (count < least) throw new Error(`${count} ${what}, which is no attack: at least ${least}`);
};

/** What strangers do to the webhook: G18 to G20. */
export const WEBHOOK_ABUSE: readonly ChaosRow[] = [
  abuse({
    id: 'W1',
    about: '400 connections that send a byte every half second',
    kind: 'slowloris',
    // Each is closed after 5 s (headers) or 10 s (a body).
    check: ({ closed }) => atLeast(closed, 400, 'connections closed'),
  }),
  abuse({
    id: 'W2',
    about: 'headers of 1 MB, and 20,000 headers',
    kind: 'headers',
    check: ({ sent, closed }) => atLeast(closed, sent / 2, 'connections closed'),
  }),
  abuse({
    id: 'G19',
    about: 'bodies too large, nested 100,000 deep, of 400 items, gzipped, of no charset',
    kind: 'bodies',
    check: ({ sent, answers }) =>
      atLeast((answers['400'] ?? 0) + (answers['413'] ?? 0), sent / 4, 'refused'),
  }),
  abuse({
    id: 'G20',
    about: '1,500 forged POSTs a second',
    kind: 'storm',
    lastsMs: 60_000,
    mayShed: true,
    check: ({ sent }) => atLeast(sent, 30_000, 'POSTs'),
  }),
  {
    id: 'G18',
    about: 'forged secrets, subscriptions that nobody has, another tenant',
    recoveryMs: 15_000,
    async inject(fleet, dice) {
      const { admin } = fleet.redis;
      const { tenantId } = await fleet.control<{ tenantId: string }>('status');
      const subscriptions = await admin.hkeys('{ms1}:poller:subscriptions');
      const subscriptionId = dice.pick(subscriptions);
      const ids: string[] = [];
      const kinds = [{ subscriptionId }, {}, { subscriptionId, tenantId }, { clientState: [] }];
      for (let n = 0; n < 200; n += 1) {
        const id = `AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A${dice.between(1e6, 1e7)}`;
        ids.push(id);
        const body = JSON.stringify(forged(id, kinds[n % kinds.length]));
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${fleet.webhook}${PATH}`, { method: 'POST', headers, body });
        await answer.body?.cancel();
        if (answer.status !== 202) throw new Error(`answered ${answer.status}, which tells`);
      }
      const keys = fleet.mailboxes.flatMap((mailboxId) =>
        ids.map((id) => `{ms1}:ledger:${messageKeyOf([tenantId, mailboxId, id])}`),
      );
      const known = await admin.exists(...keys);
      if (known > 0) throw new Error(`${known} forged messages are in the ledger`);
      return `${ids.length} forged POSTs answered 202, of which nobody knows anything`;
    },
  },
];
