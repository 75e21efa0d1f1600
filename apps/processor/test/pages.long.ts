import { expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';

import { allPrepared } from './announced-mail.ts';
import { startFleet } from './start-fleet.ts';

const ANNOUNCED = 30;
const FOUND = 60;

const PDF = { name: 'invoice.pdf', size: 50_000 };
const LOGO = { name: 'logo.png', contentType: 'image/png', size: 900, isInline: true };
const LETTER = { name: 'FW: invoice', kind: 'item', contentType: null, size: 9_000 };
/** By turns; of those that have inline files only Graph says that they have none. */
const FILES = [[PDF, LOGO, LETTER], [LOGO], [], [PDF, PDF]];

interface Case {
  name: string;
  fault?: string;
  settings?: object;
  /** why its mailbox goes back to asking message by message */
  refused?: string;
  /** requests for its messages and files, at most */
  unitsMax: number;
}

const CASES: Case[] = [
  { name: 'no fault', unitsMax: 5 },
  {
    name: 'more than ten take too long',
    fault: 'graph-expand-504',
    settings: { max: 10 },
    unitsMax: 90,
  },
  { name: 'it is refused', fault: 'graph-expand-400', refused: 'refused', unitsMax: 125 },
  { name: 'bytes come along', fault: 'graph-expand-bytes', refused: 'bytes', unitsMax: 95 },
  { name: 'files are left out', fault: 'graph-expand-missing', refused: 'missing', unitsMax: 125 },
  {
    name: 'files have pages of their own',
    fault: 'graph-expand-paged',
    settings: { max: 1 },
    unitsMax: 100,
  },
];

/** Each fault is of one mailbox: half of its mail is announced, and all of it found by delta. */
async function expectAllFiles(cases: readonly Case[]): Promise<void> {
  await using fleet = await startFleet({ SIMULATOR_MAILBOXES: String(cases.length) });
  const { tenantId, mailboxes } = fleet;
  const expected: Record<string, number> = {};
  for (const [index, { fault, settings }] of cases.entries()) {
    const mailboxId = mailboxes[index] ?? '';
    if (fault) await fleet.fault(fault, { mailboxId, ...settings });
    const refs = [];
    for (let n = 0; n < ANNOUNCED + FOUND; n += 1) {
      const attachments = FILES[n % FILES.length] ?? [];
      const subject = n % 40 === 20 ? 'a poison' : 'an invoice';
      const messageId = await fleet.inject(mailboxId, { subject, attachments });
      refs.push({ tenantId, mailboxId, messageId });
      expected[messageKey({ tenantId, mailboxId, messageId })] = attachments.length;
    }
    await fleet.notice(refs.slice(0, ANNOUNCED));
  }
  const processor = await fleet.startProcessor();
  await fleet.startPoller();
  await allPrepared(fleet, Object.keys(expected));

  const records = (await fleet.outbound.getJobs(['wait'])).map(({ data }) => data.record);
  expect(
    Object.fromEntries(records.map(({ id, attachments }) => [id, attachments.length])),
  ).toEqual(expected);
  const usage = await fleet.usage();
  const metrics = await (await fetch(`${processor.health}/metrics`)).text();
  const lines = processor.output().split('\n');
  for (const [index, { name, refused, unitsMax }] of cases.entries()) {
    const mailboxId = mailboxes[index] ?? '';
    const { page = 0, message = 0, attachments = 0 } = usage.get(mailboxId)?.units ?? {};
    expect({ name, isDear: page + message + attachments > unitsMax }).toEqual({
      name,
      isDear: false,
    });
    const counter = `ms1_graph_expand_refusals_total{reason="${refused}"} 1\n`;
    expect({ name, counted: metrics.includes(counter) }).toEqual({
      name,
      counted: refused !== undefined,
    });
    const told = lines.filter(
      (line) => line.includes('message by message') && line.includes(mailboxId),
    );
    expect({ name, told: told.length }).toEqual({ name, told: refused ? 1 : 0 });
  }
}

test(
  'however Graph expands attachments, each message has all of its files',
  () => expectAllFiles(CASES),
  300_000,
);

test(
  'and where it takes too long over whatever has one message on it',
  () =>
    expectAllFiles([
      {
        name: 'poison',
        fault: 'graph-expand-504',
        settings: { match: 'poison' },
        unitsMax: 100,
      },
    ]),
  300_000,
);
