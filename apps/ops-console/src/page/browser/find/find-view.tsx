import { Empty, Heading } from '../heading.tsx';
import { MailboxSelect } from '../mailbox-select.tsx';
import { Ago } from '../moment.tsx';
import { messagePath } from '../state/place.ts';
import { type FoundMessage, found, search, type Wanted, wanted } from '../state/search.ts';
import { clockTime, counted } from '../words.ts';
import { stateInWords } from './state-in-words.ts';

/** Looks for messages by what somebody remembers of them. */
export function FindView() {
  const { text, mailboxId, from, to } = wanted.value;
  const set = (part: Partial<Wanted>): void => {
    wanted.value = { ...wanted.value, ...part };
  };
  return (
    <>
      <Heading title="Find a message" />
      <form
        class="card find"
        onSubmit={(event) => {
          event.preventDefault();
          void search();
        }}
      >
        <label class="wide">
          What we know
          <input
            value={text}
            autoComplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => set({ text: currentTarget.value })}
          />
        </label>
        <MailboxSelect value={mailboxId} onPick={(id) => set({ mailboxId: id })} />
        <label>
          Received from
          <input
            type="date"
            value={from}
            onInput={({ currentTarget }) => set({ from: currentTarget.value })}
          />
        </label>
        <label>
          to
          <input
            type="date"
            value={to}
            onInput={({ currentTarget }) => set({ to: currentTarget.value })}
          />
        </label>
        <button type="submit" class="main">
          Find
        </button>
      </form>
      <Results />
    </>
  );
}

function Results() {
  const result = found.value;
  switch (result.state) {
    case 'idle':
      return (
        <Empty title="Where is it?">
          Words of the subject, the sender’s name or domain or the name of a file, in any order; a
          part of an invoice number; a whole address or a Message-ID. Mail of the last 35 days.
        </Empty>
      );
    case 'looking':
      return <p role="status">Looking …</p>;
    case 'refused':
      return (
        <div role="status">
          <Empty title="The search failed">{result.why}</Empty>
        </div>
      );
    case 'found':
      break;
    default:
      return null;
  }
  const { total, messages, searched } = result;
  if (total === 0) {
    return (
      <div role="status">
        <Empty title="Nothing matches">
          Looked for {searched.understood}, {searched.where}. {searched.not}
        </Empty>
      </div>
    );
  }
  return (
    <section aria-labelledby="found-title">
      <h2 id="found-title">
        <span role="status">
          {counted(total, 'message')}
          {messages.length < total && `, the first ${messages.length} shown`}
        </span>
      </h2>
      <p class="muted">
        Looked for {searched.understood}, {searched.where}.
      </p>
      <ul class="rows">
        {messages.map((message) => (
          <MessageRow key={message.key} message={message} />
        ))}
      </ul>
    </section>
  );
}

/** Of a message what everybody may see: when it came, where to, and where it is. */
function MessageRow({ message }: { message: FoundMessage }) {
  const { key, receivedAt, mailbox } = message;
  const { text, kind } = stateInWords(message);
  return (
    <li>
      <a class="grow" href={messagePath(key)}>
        {receivedAt ? `Received ${clockTime(receivedAt)}` : key}
        {mailbox && `, ${mailbox.label}`}
      </a>
      <span class="muted">{message.at && <Ago at={message.at} />}</span>
      <span class={`chip ${kind}`}>{text}</span>
    </li>
  );
}
