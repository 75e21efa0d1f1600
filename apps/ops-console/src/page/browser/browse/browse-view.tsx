import { useEffect } from 'preact/hooks';
import { CsvLink } from '../csv-link.tsx';
import { stateInWords } from '../find/state-in-words.ts';
import { Empty, Heading } from '../heading.tsx';
import { MailboxSelect } from '../mailbox-select.tsx';
import { UnderWay } from '../operations/under-way.tsx';
import { type Filter, filter, type ListedMail, list, listed, queryOf } from '../state/browse.ts';
import { overview } from '../state/overview.ts';
import { messagePath, VIEWS } from '../state/place.ts';
import { clockTime, counted } from '../words.ts';
import { MailActions } from './mail-actions.tsx';
import { noneInWords } from './none-in-words.ts';

const STATES: Record<ListedMail['state'], string> = {
  queued: 'on inbound',
  prepared: 'on its way to MS4',
  delivered: 'delivered',
  skipped: 'skipped',
  dead: 'dead letter',
};

/** Mail as it came, the newest first, by mailbox, state and day. */
export function BrowseView() {
  useEffect(() => void list(), []);
  const { mail, next, without, isLooking, trouble } = listed.value;
  return (
    <>
      <Heading title="Mail">
        <MailActions />
        <CsvLink path="/messages" query={queryOf(filter.value)} of="the mail" />
      </Heading>
      <UnderWay />
      <FilterForm />
      <NotListed />
      {trouble && <Empty title="The mail cannot be listed">{trouble}</Empty>}
      {!(isLooking || trouble || next) && mail.length === 0 && (
        <Empty title="No such mail">
          Mail of the last 35 days is listed once it was prepared, skipped or died.
        </Empty>
      )}
      {mail.length > 0 && (
        <ul class="rows">
          {mail.map((one) => (
            <MailRow key={one.key} mail={one} />
          ))}
        </ul>
      )}
      <p role="status">
        {isLooking && 'Looking …'}
        {next && without > 0 && !isLooking && noneInWords(without, mail.length > 0)}
      </p>
      {next && (
        <button type="button" onClick={() => void list(next)}>
          Older
        </button>
      )}
    </>
  );
}

/** What is nowhere in the list, how much of it there is, and where it is seen. */
function NotListed() {
  const inbound = overview.value?.queues.find(({ name }) => name === 'inbound');
  if (!inbound) return null;
  const waiting = inbound.waiting + inbound.active + inbound.delayed;
  if (waiting + inbound.failed === 0) return null;
  return (
    <p class="muted">
      {waiting > 0 && (
        <>
          {counted(waiting, 'message')} on inbound {waiting === 1 ? 'is' : 'are'} not listed before{' '}
          {waiting === 1 ? 'it is' : 'they are'} read (<a href={VIEWS.overview.path}>what waits</a>
          ).{' '}
        </>
      )}
      {inbound.failed > 0 && (
        <>
          Of {counted(inbound.failed, 'letter')} that died on inbound those are not listed that
          could not be read at all (<a href={VIEWS.letters.path}>by cause</a>).
        </>
      )}
    </p>
  );
}

function FilterForm() {
  const { mailboxId, state, from, to } = filter.value;
  const set = (part: Partial<Filter>): void => {
    filter.value = { ...filter.value, ...part };
    void list();
  };
  return (
    <form class="card browse" onSubmit={(event) => event.preventDefault()}>
      <MailboxSelect value={mailboxId} onPick={(id) => set({ mailboxId: id })} />
      <label>
        State
        <select
          value={state}
          onChange={({ currentTarget }) => set({ state: currentTarget.value as Filter['state'] })}
        >
          <option value="">Any</option>
          {Object.entries(STATES).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        Received from
        <input
          type="date"
          value={from}
          onChange={({ currentTarget }) => set({ from: currentTarget.value })}
        />
      </label>
      <label>
        to
        <input
          type="date"
          value={to}
          onChange={({ currentTarget }) => set({ to: currentTarget.value })}
        />
      </label>
    </form>
  );
}

function MailRow({ mail: { key, mailbox, receivedAt, state, reason } }: { mail: ListedMail }) {
  const { text, kind } = stateInWords({ state, reason, job: null });
  return (
    <li>
      <a class="grow" href={messagePath(key)}>
        {clockTime(receivedAt)}
        {mailbox && `, ${mailbox.label}`}
      </a>
      <span class={`chip ${kind}`}>{text}</span>
    </li>
  );
}
