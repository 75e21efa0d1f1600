import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { type Mailbox, mailboxes, mailboxesTrouble, watchMailboxes } from '../state/mailboxes.ts';
import { mailboxPath } from '../state/place.ts';
import { counted, number } from '../words.ts';
import { levelOf, pushOf, walkedAt } from './mailbox-words.ts';
import { Standing } from './standing.tsx';

type Column = 'label' | 'standing' | 'walked' | 'told' | 'onTime';

const RANK = { stopped: 0, attention: 1, well: 2 } as const;
const NAMES = new Intl.Collator('en', { numeric: true });
const byLabel = (a: Mailbox, b: Mailbox): number => NAMES.compare(a.label, b.label);

/** What comes first is what wants a look. */
const KEYS: Record<Exclude<Column, 'label'>, (mailbox: Mailbox) => number> = {
  standing: (mailbox) => RANK[levelOf(mailbox)],
  walked: (mailbox) => Date.parse(walkedAt(mailbox) ?? '') || 0,
  told: (mailbox) => shareOf(pushOf(mailbox).told, pushOf(mailbox).all),
  onTime: ({ onTime: { month } }) => shareOf(month.timed - month.late, month.timed),
};

const COLUMNS: readonly { column: Column; title: string; what?: string; isMore?: boolean }[] = [
  { column: 'label', title: 'Mailbox' },
  { column: 'standing', title: 'State' },
  { column: 'walked', title: 'Looked through' },
  { column: 'told', title: 'Notified', what: 'messages of the last hour', isMore: true },
  { column: 'onTime', title: 'Within a minute', what: 'messages of 30 days', isMore: true },
];

const order = signal<{ column: Column; isDown: boolean }>({ column: 'standing', isDown: false });
const words = signal('');
const standing = signal<'' | 'look' | 'well'>('');

/** The mailboxes that are read: those that want a look first, each with a page of its own. */
export function MailboxesView() {
  useEffect(watchMailboxes, []);
  const all = mailboxes.value;
  const trouble = mailboxesTrouble.value;
  return (
    <>
      <Heading title="Mailboxes">
        {all && (
          <p class="muted">
            {sumOf(all)} <CsvLink path="/mailboxes" of="the mailboxes" />, by day:{' '}
            <CsvLink path="/daily" of="the mailboxes by day" />
          </p>
        )}
      </Heading>
      {!all && !trouble && <p role="status">Looking …</p>}
      {trouble && <Empty title="The mailboxes cannot be listed">{trouble}</Empty>}
      {all?.length === 0 && (
        <Empty title="No mailbox is watched">MAILBOXES names some, or ms1 mailboxes add.</Empty>
      )}
      {all && all.length > 0 && <Table all={all} />}
    </>
  );
}

function sumOf(all: readonly Mailbox[]): string {
  const troubled = all.filter((mailbox) => levelOf(mailbox) !== 'well').length;
  const many = counted(all.length, 'mailbox', 'mailboxes');
  return troubled === 0
    ? `${many}, and nothing is wrong`
    : `${many}, ${number(troubled)} to look at`;
}

function Table({ all }: { all: readonly Mailbox[] }) {
  const { column, isDown } = order.value;
  const found = all.filter(isWanted).toSorted(byLabel);
  const sorted =
    column === 'label' ? found : found.toSorted((a, b) => KEYS[column](a) - KEYS[column](b));
  return (
    <>
      <form class="card browse" onSubmit={(event) => event.preventDefault()}>
        <label>
          Name or id
          <input
            type="search"
            value={words.value}
            onInput={({ currentTarget }) => {
              words.value = currentTarget.value;
            }}
          />
        </label>
        <label>
          State
          <select
            value={standing.value}
            onChange={({ currentTarget }) => {
              standing.value = currentTarget.value as typeof standing.value;
            }}
          >
            <option value="">Any</option>
            <option value="look">to look at</option>
            <option value="well">well</option>
          </select>
        </label>
      </form>
      <p role="status" class={found.length === all.length ? 'sr' : 'muted'}>
        {found.length === 0
          ? 'No such mailbox'
          : `${number(found.length)} of ${number(all.length)} shown`}
      </p>
      {found.length > 0 && (
        <table>
          <caption class="sr">Mailboxes; the heads of the columns sort them</caption>
          <thead>
            <tr>
              {COLUMNS.map((one) => (
                <Head key={one.column} {...one} />
              ))}
            </tr>
          </thead>
          <tbody>
            {(isDown ? sorted.toReversed() : sorted).map((mailbox) => (
              <Row key={mailbox.mailboxId} mailbox={mailbox} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function isWanted(mailbox: Mailbox): boolean {
  const { label, mailboxId } = mailbox;
  const text = words.value.trim().toLowerCase();
  const isNamed = `${label} ${mailboxId}`.toLowerCase().includes(text);
  return (
    isNamed &&
    (standing.value === '' || (levelOf(mailbox) === 'well') === (standing.value === 'well'))
  );
}

function Head({ column, title, what, isMore }: (typeof COLUMNS)[number]) {
  const { column: sorted, isDown } = order.value;
  const isSorted = sorted === column;
  return (
    <th
      scope="col"
      class={isMore ? 'more' : undefined}
      aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        class="sort"
        onClick={() => {
          order.value = { column, isDown: isSorted && !isDown };
        }}
      >
        {title}
        <span aria-hidden="true">{isSorted ? (isDown ? ' ↓' : ' ↑') : ''}</span>
      </button>
      {what && <span class="second">{what}</span>}
    </th>
  );
}

function Row({ mailbox }: { mailbox: Mailbox }) {
  const { mailboxId, label, onTime } = mailbox;
  const [walked, push] = [walkedAt(mailbox), pushOf(mailbox)];
  const { timed, late } = onTime.month;
  return (
    <tr>
      <th scope="row">
        <a href={mailboxPath(mailboxId)}>{label}</a>
      </th>
      <td>
        <Standing mailbox={mailbox} />
      </td>
      <td>{walked ? <Ago at={walked} /> : 'not today'}</td>
      <td class="more">{partOf(push.told, push.all)}</td>
      <td class="more">{partOf(timed - late, timed)}</td>
    </tr>
  );
}

const partOf = (some: number, all: number): string =>
  all === 0 ? 'none came' : `${number(some)} of ${number(all)}`;

/** Where nothing came, nothing is wrong. */
const shareOf = (some: number, all: number): number => (all === 0 ? 1 : some / all);
