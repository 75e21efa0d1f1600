import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { fleetBundle } from './fleet-bundle.ts';

test('ms1 replay counts what was skipped for a reason, and takes it again when told to, whatever the rules say: that once, nothing else', async () => {
  await using bundle = await fleetBundle();
  const { ms1, inbound, ledger } = bundle;
  // It declines everything.
  using folder = mkdtempDisposableSync(join(tmpdir(), 'ms1-rules-'));
  const file = join(folder.path, 'rules.json');
  writeFileSync(file, JSON.stringify({ subject: { any: ['nobody writes this'] } }));
  expect(await ms1('mailboxes', 'change', bundle.mailboxId, '--rules', file)).toMatchObject({
    code: 0,
  });
  const reasons = ['rule_sender', 'rule_sender', 'rule_size', 'source_deleted'];
  const skipped: string[] = [];
  for (const _ of reasons) skipped.push(await bundle.inject());
  const old = await bundle.inject();
  const at = Date.now() - 60_000;
  await ledger.record(
    skipped.map((key, index) => ({ key, state: 'skipped', at, reason: reasons[index] ?? '' })),
  );
  const states = async (keys: readonly string[]) =>
    (await ledger.known(keys)).map((entry) => entry?.reason ?? entry?.state ?? 'unknown');

  expect((await ms1('replay', '--yes')).code).toBe(2);
  expect((await ms1('replay', '--reason', 'ar@supplier.example')).code).toBe(2);
  const dry = await ms1('replay', '--reason', 'rule_sender');
  expect(dry).toMatchObject({ code: 0, err: expect.stringContaining('folders listed') });
  expect(dry.out).toMatch(/rule_sender +2\n(.*\n)*\n2 would be put back. Nothing has changed/);
  expect(await states([...skipped, old])).toEqual([...reasons, 'unknown']);
  expect(await inbound.getWaitingCount()).toBe(0);

  const done = await ms1('replay', '--reason', 'rule_sender', '--yes', '--json');
  expect([done.code, JSON.parse(done.out)]).toMatchObject([
    0,
    { replay: 'rule_sender', repair: true, repaired: 2, reasons: { 'skipped:rule_size': 1 } },
  ]);
  const again = await ms1('replay', '--reason', 'rule_sender', '--yes');
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('\n0 put back')]);
  expect(await states([...skipped, old])).toEqual([
    'queued',
    'queued',
    ...reasons.slice(2),
    'unknown',
  ]);
  expect(await inbound.getWaitingCount()).toBe(2);

  // Those that no ledger knows, and those that nobody believes any more.
  expect((await ms1('replay', '--reason', 'before_since', '--yes')).out).toMatch(/\n1 put back/);
  expect((await ms1('replay', '--reason', 'source_deleted', '--yes')).out).toMatch(/\n1 put back/);
  const { out: log } = await ms1('actions', 'list', '--json');
  expect(log).toContain('"replay": "rule_sender"');

  await bundle.startDelivery();
  await until(async () => (await ledger.totals()).delivered === 2, { what: 'two are delivered' });
  // The rules hold for what was not theirs: nobody has overruled them there.
  await until(async () => !(await states([...skipped, old])).includes('queued'), {
    what: 'all ended',
  });
  expect(await states([...skipped, old])).toEqual([
    'delivered',
    'delivered',
    'rule_size',
    'rule_subject',
    'rule_subject',
  ]);
  expect((await bundle.status()).stored).toBe(2);
});
