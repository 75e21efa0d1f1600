import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { overview } from '../state/overview.ts';
import { messagePath } from '../state/place.ts';
import { found, KINDS, type Kind, search, type Wanted, wanted } from '../state/search.ts';
import { counted } from '../words.ts';
import { stateInWords } from './state-in-words.ts';

/** Looks for messages by what somebody remembers of them. */
export function FindView() {
  const { text, kind, mailboxId, from, to } = wanted.value;
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
        <label>
          That is its
          <select
            value={kind}
            onChange={({ currentTarget }) => set({ kind: currentTarget.value as Kind })}
          >
            {Object.entries(KINDS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          Mailbox
          <select
            value={mailboxId}
            onChange={({ currentTarget }) => set({ mailboxId: currentTarget.value })}
          >
            <option value="">Any</option>
            {overview.value?.mailboxes.longestAgo
              .toSorted((a, b) => a.label.localeCompare(b.label))
              .map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
          </select>
        </label>
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
          A Message-ID, the whole address of a sender or whole words of the subject find mail of the
          last 35 days that was prepared. Names of people and firms are not searched.
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
  const { total, messages, by, searched } = result;
  if (total === 0) {
    return (
      <div role="status">
        <Empty title="Nothing matches">
          Looked for {wanted.value.text.trim() !== '' && `“${wanted.value.text.trim()}” `}
          as {by.join(', then as ')}, {searched.where}. {searched.not}
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
      <ul class="rows">
        {messages.map((message) => (
          <li key={message.key}>
            <a class="grow mono" href={messagePath(message.key)}>
              {message.key}
            </a>
            <span class="muted">{message.at && <Ago at={message.at} />}</span>
            <span class={`chip ${stateInWords(message).kind}`}>{stateInWords(message).text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
