import { readFileSync } from 'node:fs';
import { type AnswerOf, type OnTime, onTimePercent } from '@ms1/console-api';

import {
  type Command,
  type CommandContext,
  confirmed,
  EXIT,
  needed,
  UsageError,
} from '../command.ts';
import { CSV, LIST, mostOf, printCsv } from '../print-csv.ts';

type Mailbox = AnswerOf<'GET /mailboxes/:id'>;
type Late = 'onTime' | 'requests' | 'troubles';
/** A console of an earlier release knows of no objective, no requests and no troubles. */
type Seen = Omit<Mailbox, Late> & Partial<Pick<Mailbox, Late>>;

const SETTINGS = {
  label: { type: 'string', value: 'name', about: 'a name for people, such as invoices-de' },
  folders: {
    type: 'string',
    value: 'ids',
    multiple: true,
    about: 'folder ids or well-known names, separated by commas',
  },
  rules: {
    type: 'string',
    value: 'file',
    about: 'a JSON file with the rules that decline mail (docs/graph.md)',
  },
} as const;
const IF_REVISION = {
  'if-revision': {
    type: 'string',
    value: 'n',
    about: 'only if the mailbox is still at this revision',
  },
} as const;

const step = (action: 'pause' | 'resume', about: string): Command => ({
  args: '<mailbox>',
  about,
  options: IF_REVISION,
  async run(context) {
    const id = needed(context, 'the mailbox, by its object id');
    const body = ifRevision(context);
    const name = `POST /mailboxes/:id/${action}` as const;
    return show(context, await context.api.call(name, { params: { id }, body }));
  },
});

export const mailboxCommands: Record<string, Command> = {
  'mailboxes list': {
    about: 'state of each, and how fresh it is',
    options: {
      state: {
        type: 'string',
        value: 'state',
        about: 'active, paused or removed; default: all but removed',
      },
      ...CSV,
    },
    async run(context) {
      const { api, terminal, text } = context;
      const state = text('state');
      const most = Number.POSITIVE_INFINITY;
      if (context.flag('csv')) {
        const pages = api.pages('GET /mailboxes', { query: { state } }, most);
        await printCsv(context, 'GET /mailboxes', pages);
        return EXIT.ok;
      }
      const mailboxes = await api.list('GET /mailboxes', { query: { state } }, most);
      terminal.result(mailboxes, () =>
        terminal.table(mailboxes.map(rowOf), 'There is no mailbox.'),
      );
      return EXIT.ok;
    },
  },
  'mailboxes daily': {
    about: 'what became of the mail of each, by day (UTC), the latest day first',
    options: LIST,
    async run(context) {
      const { api, terminal } = context;
      const most = mostOf(context);
      if (context.flag('csv')) {
        await printCsv(context, 'GET /daily', api.pages('GET /daily', {}, most));
        return EXIT.ok;
      }
      const days = await api.list('GET /daily', {}, most);
      terminal.result(days, () =>
        terminal.table(
          days.map(({ day, label, received, delivered, late, skipped, dead, unexplained }) => ({
            day,
            mailbox: label,
            received,
            delivered,
            late,
            skipped,
            dead,
            unexplained,
          })),
          'No mail was seen yet.',
        ),
      );
      return EXIT.ok;
    },
  },
  'mailboxes show': {
    args: '<mailbox>',
    about: 'one mailbox, folder by folder',
    async run(context) {
      const id = needed(context, 'the mailbox, by its object id');
      return show(context, await context.api.call('GET /mailboxes/:id', { params: { id } }));
    },
  },
  'mailboxes add': {
    args: '<mailbox>',
    about: 'reads a new or removed mailbox from now on; every process follows within seconds',
    options: {
      ...SETTINGS,
      tenant: { type: 'string', value: 'id', about: 'default: GRAPH_TENANT_ID of the console' },
      paused: { type: 'boolean', about: 'adds it, and reads nothing until it is resumed' },
    },
    async run(context) {
      const [mailboxId] = context.positionals;
      if (mailboxId === undefined) throw new UsageError('say which: the object id of the mailbox');
      const mailbox = await context.api.call('POST /mailboxes', {
        body: {
          mailboxId,
          ...settingsOf(context),
          tenantId: context.text('tenant'),
          ...(context.flag('paused') && { state: 'paused' }),
        },
      });
      return show(context, mailbox);
    },
  },
  'mailboxes change': {
    args: '<mailbox>',
    about: 'label, folders or rules; what is not named stays',
    options: { ...SETTINGS, ...IF_REVISION },
    async run(context) {
      const id = needed(context, 'the mailbox, by its object id');
      const settings = settingsOf(context);
      if (Object.keys(settings).length === 0) {
        throw new UsageError('say what: --label, --folders or --rules');
      }
      const body = { ...settings, ...ifRevision(context) };
      return show(
        context,
        await context.api.call('PATCH /mailboxes/:id', { params: { id }, body }),
      );
    },
  },
  'mailboxes pause': step('pause', 'notices no new mail of it; queued mail goes on'),
  'mailboxes resume': step('resume', 'reads it again, from where it stopped'),
  'mailboxes remove': {
    args: '<mailbox>',
    about: 'stops reading it for good; no restart brings it back',
    options: { yes: { type: 'boolean', about: 'does it' } },
    async run(context) {
      const id = needed(context, 'the mailbox, by its object id');
      confirmed(context, 'removing a mailbox ends its subscriptions and forgets its delta links');
      return show(context, await context.api.call('DELETE /mailboxes/:id', { params: { id } }));
    },
  },
};

function settingsOf({ text, texts }: CommandContext) {
  const [label, folders, rules] = [text('label'), texts('folders'), text('rules')];
  return {
    ...(label !== undefined && { label }),
    ...(folders.length > 0 && { folders }),
    ...(rules !== undefined && { rules: rulesIn(rules) }),
  };
}

/** @throws {UsageError} */
export function rulesIn(file: string): object {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(code ? `${file} cannot be read (${code})` : `${file} is not JSON`);
  }
}

function ifRevision({ text }: CommandContext): { ifRevision?: number } {
  const revision = text('if-revision');
  if (revision === undefined) return {};
  if (!/^\d+$/.test(revision)) throw new UsageError('--if-revision must be a whole number');
  return { ifRevision: Number(revision) };
}

function show({ terminal }: CommandContext, mailbox: Seen): number {
  terminal.result(mailbox, () => {
    const { revision, tenantId, readSingly, requests, troubles = [] } = mailbox;
    terminal.table([{ ...rowOf(mailbox), revision, tenant: tenantId }], '');
    for (const { level, text, remedy } of troubles) {
      terminal.line(`\n${text}`, level === 'stopped' ? 'red' : 'yellow');
      terminal.line(remedy);
    }
    if (requests) {
      const { used, most, seconds } = requests;
      const window = seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
      terminal.line(`\n${used} of ${most} requests to Graph are used in ${window}.`);
    }
    if (readSingly) {
      const { reason, until } = readSingly;
      terminal.line(`Read message by message until ${until.slice(11, 19)} UTC: ${reason}`);
    }
    terminal.line();
    terminal.table(
      mailbox.folders.map(({ folderId, walkedAt, push, subscription, audited }) => ({
        folder: folderId,
        walked: walkedAt,
        'subscribed until': subscription?.expiresAt ?? null,
        announced: push && announcedOf([push]),
        audited: audited?.at ?? null,
        unexplained: audited?.unexplained ?? null,
      })),
      'No folder of it has been walked yet.',
    );
  });
  return EXIT.ok;
}

function rowOf({ mailboxId, label, state, origin, folders, held, onTime }: Seen) {
  const walks = folders.map(({ walkedAt }) => walkedAt);
  const [oldest = null] = walks.toSorted((a, b) => (a ?? '').localeCompare(b ?? ''));
  return {
    mailbox: mailboxId,
    label: label === mailboxId ? null : label,
    state: held ? `${held.reason} until ${held.until.slice(11, 19)}` : state,
    from: origin,
    folders: folders.length,
    'walked since': oldest,
    announced: announcedOf(folders.flatMap(({ push }) => push ?? [])),
    'on time': onTime ? onTimeOf(onTime) : null,
  };
}

/** What was delivered within a minute, in 30 days. */
const onTimeOf = ({ month }: OnTime): string | null =>
  month.timed === 0 ? null : `${onTimePercent(month)} % of ${month.timed}`;

/** The share of the last hour's new mail that a notification announced before a walk found it. */
function announcedOf(pushes: readonly { announced: number; unannounced: number }[]): string | null {
  const announced = pushes.reduce((sum, push) => sum + push.announced, 0);
  const all = pushes.reduce((sum, push) => sum + push.unannounced, announced);
  return all === 0 ? null : `${Math.round((announced / all) * 100)} % of ${all}`;
}
