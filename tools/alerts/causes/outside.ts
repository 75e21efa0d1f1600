/** Causes outside of the fleet: MS4, Graph, senders of mail and of POSTs. */
import { attack } from '../../chaos/abuse/attack.ts';
import { within } from '../../chaos/rows/process-waiting.ts';
import { allDead, type PutMail, putMail } from '../../chaos/rows/simulated-mail.ts';
import { type AlertCause, LATE_MAIL, type Trial } from '../alert-cause.ts';

const HOUR = 3_600_000;
/** The others have troubles of their own. */
const STEADY_MAILBOXES = 10;
const FAILED = '{ms1}:outbound:failed';

const mailbox = ({ fleet }: Trial, fromTheEnd: number): string =>
  fleet.mailboxes.at(-fromTheEnd) ?? '';

/** A fault of the simulator, for as long as it is to last. */
function fault(name: string, settings: (trial: Trial) => object = () => ({})): AlertCause['make'] {
  return async (trial) => {
    await trial.fleet.fault(name, settings(trial));
    return () => trial.fleet.fault(name, { share: 0 });
  };
}

export const OUTSIDE: readonly AlertCause[] = [
  {
    name: 'throttled',
    about: 'Graph throttles a mailbox, again and again, for more than five minutes',
    alerts: ['Ms1MailboxesHeld', 'Ms1MailboxesStale'],
    limitMs: 480_000,
    isSlow: true,
    make: fault('graph-429', (trial) => ({ mailboxId: mailbox(trial, 1), retryAfterS: 60 })),
  },
  {
    name: 'silent',
    about: 'Graph sends no notification of a mailbox any more',
    alerts: ['Ms1NotificationsMissing'],
    async make(trial) {
      const mailboxId = mailbox(trial, 2);
      await trial.fleet.fault('drop-notifications', { mailboxId });
      for (let n = 0; n < 25; n += 1) {
        await putMail(trial.fleet, mailboxId, { subject: `unannounced ${n}` });
      }
      return () => trial.fleet.fault('drop-notifications', { share: 0 });
    },
  },
  {
    name: 'refused',
    about: 'MS4 refuses our credentials: the only sender stops',
    alerts: ['Ms1CredentialRefused', 'Ms1ProcessNotReady', 'Ms1RoleMissing'],
    also: LATE_MAIL,
    make: fault('ms4-auth'),
  },
  {
    name: 'poison',
    about:
      'MS4 refuses thirty records for good, and nobody looks after them for five hours (their time is set back)',
    alerts: ['Ms1DeadLettersGrow', 'Ms1DeadLettersAge'],
    also: LATE_MAIL,
    async make(trial) {
      const { fleet, console, signal } = trial;
      await fleet.fault('ms4-poison-pointed');
      const mail: PutMail[] = [];
      for (let n = 0; n < 30; n += 1) {
        const mailboxId = fleet.mailboxes[n % STEADY_MAILBOXES] ?? '';
        mail.push(await putMail(fleet, mailboxId, { subject: 'a POISON of a subject' }));
      }
      await allDead(fleet, mail, 120_000, signal);
      await fleet.fault('ms4-poison-pointed', { share: 0 });
      // The first of them becomes a death of five hours ago; the others are what grows.
      const [first = ''] = await fleet.redis.admin.zrange(FAILED, 0, 0);
      await fleet.redis.admin.zadd(FAILED, Date.now() - 5 * HOUR, first);
      return async () => {
        const body = { reason: 'the end of a trial', dryRun: false, all: true };
        await console.call('POST /dead-letters/discard', { body, signal });
        const areGone = async (): Promise<boolean> => (await fleet.redis.admin.zcard(FAILED)) === 0;
        await within(60_000, 'the dead letters are discarded', areGone, signal);
      };
    },
  },
  {
    name: 'flooded-webhook',
    about: 'somebody floods the webhook',
    alerts: ['Ms1WebhookSheds'],
    also: ['Ms1WebhookSlow', 'Ms1EventLoopBlocked', 'Ms1NotificationsMissing', ...LATE_MAIL],
    async make({ fleet, signal }) {
      const over = new AbortController();
      const port = Number(new URL(fleet.webhook).port);
      const plan = { kind: 'storm', port, path: '/webhooks/graph', lastsMs: 300_000 } as const;
      const flood = attack(plan, AbortSignal.any([over.signal, signal])).catch(() => undefined);
      return async () => {
        over.abort();
        await flood;
      };
    },
  },
  {
    name: 'ms4-down',
    about: 'MS4 is down for more than two minutes; its mail comes late',
    alerts: ['Ms1Ms4Down', 'Ms1MailWaits'],
    // Senders that get on with nothing say so.
    also: ['Ms1ProcessNotReady', 'Ms1RoleMissing'],
    afterwards: ['Ms1FreshnessBudgetBurnsFast', 'Ms1FreshnessBudgetBurns'],
    limitMs: 300_000,
    make: fault('ms4-down'),
  },
];
