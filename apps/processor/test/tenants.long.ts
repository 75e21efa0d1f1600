import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';
import { aMailbox, SIMULATOR_TOKEN, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

const OTHER = '99999999-9999-4999-8999-999999999999';

describe('several tenants', () => {
  test('one whose credential is refused parks its own mail alone, named by readiness, with no attempt burnt', async () => {
    await using fleet = await startFleet();
    const { tenantId, directory, graphEnv } = fleet;
    const [ours = '', theirs = ''] = fleet.mailboxes;
    await directory.put(aMailbox({ tenantId: OTHER, mailboxId: theirs }));
    const folder = mkdtempSync(join(tmpdir(), 'tenants-'));
    const file = join(folder, 'tenants.json');
    const entry = (id: string, staticToken: string) => ({
      tenantId: id,
      baseUrl: graphEnv.GRAPH_BASE_URL,
      credential: { staticToken },
    });
    writeFileSync(
      file,
      JSON.stringify([entry(tenantId, SIMULATOR_TOKEN), entry(OTHER, 'revoked')]),
    );
    try {
      const processor = await fleet.startProcessor({
        GRAPH_TENANTS_FILE: file,
        GRAPH_TENANT_ID: '',
        GRAPH_STATIC_TOKEN: '',
        GRAPH_BASE_URL: '',
      });
      const ref = async (mailboxId: string) => ({
        mailboxId,
        messageId: await fleet.inject(mailboxId),
      });
      const [parked = ''] = await fleet.notice([await ref(theirs)], { tenantId: OTHER });
      const unready = await until(
        async () => {
          const response = await fetch(`${processor.health}/readyz`);
          return response.status === 503 ? response.text() : null;
        },
        { what: 'readiness says so' },
      );
      expect(unready).toContain(OTHER);
      expect(unready).not.toContain(tenantId);

      // Within the half minute that the refused tenant is left alone: a closed queue would not do this.
      const [key = ''] = await fleet.notice([await ref(ours)]);
      await until(async () => (await fleet.ledger.known([key]))[0]?.state === 'prepared', {
        what: 'the other tenant’s mail is prepared',
      });
      const job = await until(
        async () => {
          const found = await fleet.inbound.getJob(jobIdOf(parked));
          return (await found?.isDelayed()) ? found : null;
        },
        { what: 'the parked message waits' },
      );
      expect(job?.attemptsMade).toBe(0);
      expect((await fleet.ledger.known([parked]))[0]?.state).toBe('queued');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what is queued of a mailbox that is removed is skipped and never read', async () => {
    await using fleet = await startFleet();
    const [mailboxId = '', other = ''] = fleet.mailboxes;
    const refs = [
      { mailboxId, messageId: await fleet.inject(mailboxId) },
      { mailboxId: other, messageId: await fleet.inject(other) },
    ];
    const keys = await fleet.notice(refs);
    await fleet.directory.setState(mailboxId, 'removed');
    await fleet.startProcessor();
    const states = async () => {
      const entries = await fleet.ledger.known(keys);
      return entries.map((entry) => `${entry?.state} ${entry?.reason ?? ''}`.trim());
    };
    await until(async () => !(await states()).includes('queued'), {
      what: 'both have ended',
    });
    expect(await states()).toEqual(['skipped mailbox_removed', 'prepared']);
    expect((await fleet.usage()).has(mailboxId)).toBe(false);
  });
});
