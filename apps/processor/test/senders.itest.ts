import { expect, test } from '@jest/globals';
import { DeliverRecord } from '@ms1/contracts';
import {
  ALLOWED_SENDERS,
  aMetadata,
  FORGED_SENDERS,
  GENUINE_SENDERS,
  type SenderShape,
  until,
} from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** Puts a mail of each shape into a mailbox, announced, or as delta finds it, with its metadata in the job. */
async function notice(
  fleet: Fleet,
  mailboxId: string,
  shapes: readonly SenderShape[],
  way: string,
) {
  const keys = await Promise.all(
    shapes.map(async (shape) => {
      const { name, ...properties } = shape;
      const messageId = await fleet.inject(mailboxId, { subject: name, ...properties });
      const { from, sender = from, replyTo = [] } = shape;
      const metadata = aMetadata({ subject: name, from, sender, replyTo });
      return fleet.notice([{ mailboxId, messageId }], way === 'found' ? { metadata } : {});
    }),
  );
  return keys.flat();
}

const endsOf = async ({ ledger }: Fleet, keys: string[]) => {
  await until(async () => (await ledger.known(keys)).every((entry) => entry?.state !== 'queued'), {
    what: 'all ended',
  });
  return (await ledger.known(keys)).map((entry) => `${entry?.state} ${entry?.reason ?? ''}`);
};

test('no forged mail passes an allow list, each genuine one does, and headers tell what is a reply', async () => {
  await using fleet = await startFleet();
  const [announced = '', found = '', accepted = '', kinds = ''] = fleet.mailboxes;
  const allow = [...ALLOWED_SENDERS];
  await fleet.setRules(announced, { senders: { allow } });
  await fleet.setRules(found, { senders: { allow } });
  await fleet.setRules(accepted, { senders: { allow, unauthenticated: 'accept' } });
  await fleet.setRules(kinds, { kinds: ['mail', 'list'] });

  const forged = [
    ...(await notice(fleet, announced, FORGED_SENDERS, 'announced')),
    ...(await notice(fleet, found, FORGED_SENDERS, 'found')),
  ];
  const genuine = [
    ...(await notice(fleet, announced, GENUINE_SENDERS, 'announced')),
    ...(await notice(fleet, found, GENUINE_SENDERS, 'found')),
  ];
  // Control: without authentication the From address is believed.
  const believed = await notice(fleet, accepted, FORGED_SENDERS.slice(0, 3), 'announced');
  const replied = await fleet.inject(kinds, {
    headers: [{ name: 'Auto-Submitted', value: 'auto-replied' }],
  });
  const [reply = ''] = await fleet.notice([{ mailboxId: kinds, messageId: replied }]);

  await fleet.startProcessor();
  const states = await endsOf(fleet, [...forged, ...genuine, ...believed, reply]);
  expect(new Set(states.slice(0, forged.length))).toEqual(
    new Set(['skipped rule_sender', 'skipped rule_sender_unauthenticated']),
  );
  expect(new Set(states.slice(forged.length, -1))).toEqual(new Set(['prepared ']));
  expect(states.at(-1)).toBe('skipped rule_kind_auto_reply');

  const jobs = await fleet.outbound.getJobs(['wait']);
  const records = jobs.map(({ data }) => DeliverRecord.parse(data).record);
  const taken = records.filter(({ id }) => genuine.includes(id));
  expect(taken).toHaveLength(2 * GENUINE_SENDERS.length);
  for (const record of taken) {
    expect(record.authentication).toMatchObject({ verdict: 'pass' });
    expect(record.authentication?.domain).toBeTruthy();
  }
  const answered = taken.filter(({ flags }) => flags?.includes('reply_to_other_domain'));
  expect(answered).toHaveLength(2);
  // Nobody asked for the headers of mail that needs none.
  const bare = records.filter(({ id }) => believed.includes(id));
  expect(bare.map(({ authentication }) => authentication)).toEqual(believed.map(() => undefined));
});
