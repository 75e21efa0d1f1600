import { useEffect, useId, useState } from 'preact/hooks';

import { loadMailboxes, mailboxes } from './state/mailboxes.ts';

/** One mailbox, or any: hundreds are too many to scroll, so a part of its label finds it. */
export function MailboxSelect({ value, onPick }: { value: string; onPick: (id: string) => void }) {
  useEffect(() => {
    if (!mailboxes.value) void loadMailboxes();
  }, []);
  const listId = useId();
  const names = namesOf(mailboxes.value);
  const name = names.get(value) ?? '';
  const [typed, setTyped] = useState<string>();
  const pick = (text: string, isLast: boolean): void => {
    const id = idOf(names, text, isLast);
    if (id !== undefined && id !== value) onPick(id);
    setTyped(isLast ? undefined : text);
  };
  return (
    <label>
      Mailbox
      <input
        list={listId}
        value={typed ?? name}
        placeholder="Any"
        autoComplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => pick(currentTarget.value, false)}
        onChange={({ currentTarget }) => pick(currentTarget.value, true)}
        onBlur={() => setTyped(undefined)}
      />
      <datalist id={listId}>
        {[...names].map(([id, label]) => (
          <option key={id} value={label} />
        ))}
      </datalist>
    </label>
  );
}

/** By id, each told from the others: two mailboxes may have one label. */
function namesOf(all: typeof mailboxes.value = []): Map<string, string> {
  const seen = new Map<string, number>();
  for (const { label } of all) seen.set(label, (seen.get(label) ?? 0) + 1);
  const sorted = all.toSorted((a, b) => a.label.localeCompare(b.label));
  return new Map(
    sorted.map(({ mailboxId, label }) => [
      mailboxId,
      seen.get(label) === 1 ? label : `${label} (${mailboxId})`,
    ]),
  );
}

/**
 * The mailbox that is meant; empty: any; undefined: it can not be said.
 *
 * @param isLast it is typed to its end: a part that only one has is enough
 */
function idOf(names: Map<string, string>, text: string, isLast: boolean): string | undefined {
  const part = text.trim().toLowerCase();
  if (part === '') return '';
  const all = [...names];
  const whole = all.find(([, name]) => name.toLowerCase() === part);
  if (whole || !isLast) return whole?.[0];
  const some = all.filter(([, name]) => name.toLowerCase().includes(part));
  return some.length === 1 ? some[0]?.[0] : undefined;
}
