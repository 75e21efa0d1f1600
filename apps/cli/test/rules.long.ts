import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

import { fleetBundle } from './fleet-bundle.ts';

test('ms1 rules test says what each rule would do with the latest mail, as it is in the mailbox, and changes nothing', async () => {
  await using bundle = await fleetBundle();
  const { ms1, mailboxId, inbound, outbound, ledger } = bundle;
  const from = { name: 'x', address: 'x@spam.example' };
  const key = await bundle.inject({ subject: 'Rechnung\u00A04711', attachments: [] });
  await bundle.inject({ subject: 'Newsletter', attachments: [] });
  await bundle.inject({ subject: 'Rechnung 4712', attachments: [], from });
  using folder = mkdtempDisposableSync(join(tmpdir(), 'ms1-rules-'));
  const file = join(folder.path, 'rules.json');
  const rules = { subject: { any: ['rechnung 4'] }, senders: { deny: ['@spam.example'] } };
  writeFileSync(file, JSON.stringify(rules));

  // Nobody reads mail yet.
  const unanswered = await ms1('rules', 'test', mailboxId, '--rules', file);
  expect([unanswered.code, unanswered.out]).toEqual([
    1,
    expect.stringContaining('no processor answers'),
  ]);

  await bundle.startDelivery();
  const tested = await ms1('rules', 'test', mailboxId, '--rules', file, '--json');
  expect([tested.code, JSON.parse(tested.out)]).toMatchObject([
    0,
    {
      status: 'done',
      proposed: true,
      result: {
        tested: 3,
        taken: 1,
        declined: { rule_subject: 1, rule_sender: 1 },
        rules: { rule_subject: 1, rule_sender: 1 },
      },
    },
  ]);
  const shown = await ms1('rules', 'test', mailboxId, '--rules', file);
  expect(shown.out).toMatch(new RegExp(`take it .*${key}`));
  // Nobody is named who sees what is in mail, so there is no way into it either.
  expect(tested.out + shown.out).not.toMatch(/https?:|ItemID/);
  expect(shown.out).toMatch(/1 of 3 are taken. Nothing has changed.\n$/);
  // Those of the mailbox take everything; of two messages alone.
  const own = await ms1('rules', 'test', mailboxId, '--last', '2', '--json');
  expect(JSON.parse(own.out)).toMatchObject({ proposed: false, result: { tested: 2, taken: 2 } });

  expect((await ms1('rules', 'test', mailboxId, '--last', '201')).code).toBe(2);
  expect((await ms1('rules', 'test', '4f1a7b0e-0000-4000-8000-00000000dead')).code).toBe(1);
  expect(await ledger.known([key])).toEqual([null]);
  const waiting = [await inbound.getJobCountByTypes(), await outbound.getJobCountByTypes()];
  expect([...waiting, (await bundle.status()).stored]).toEqual([0, 0, 0]);
  // The log has what was asked, and no word of a rule.
  const { out: log } = await ms1('actions', 'list', '--json');
  expect(log).toContain('rules-tests');
  expect(log).not.toMatch(/rechnung|spam\.example/);
});
