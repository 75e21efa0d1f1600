import { goTo, messagePath, VIEWS } from '../state/place.ts';
import { ANY, search, wanted } from '../state/search.ts';

/** The question of the desk, on every view. One message found is shown at once. */
export function SearchBox() {
  return (
    <form
      role="search"
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        void look();
      }}
    >
      <label class="sr" for="search">
        Find a message by words of its subject, sender or files, by address, Message-ID or key
      </label>
      <input
        id="search"
        type="search"
        autoComplete="off"
        spellcheck={false}
        placeholder="Where is … ? Words, invoice number, sender"
        value={wanted.value.text}
        onInput={({ currentTarget }) => {
          wanted.value = { ...wanted.value, text: currentTarget.value };
        }}
      />
      <button type="submit">Find</button>
    </form>
  );
}

async function look(): Promise<void> {
  if (wanted.value.text.trim() === '') {
    goTo(VIEWS.find.path);
    return;
  }
  // A new question from here is asked of everything; the view narrows it.
  wanted.value = { ...ANY, text: wanted.value.text };
  const from = location.pathname;
  const result = await search();
  // Whoever has gone elsewhere meanwhile is left there.
  if (location.pathname !== from) return;
  const [only, ...others] = result?.messages ?? [];
  goTo(only && others.length === 0 ? messagePath(only.key) : VIEWS.find.path);
}
