import { overview } from './state/overview.ts';

/** One mailbox, or any. */
export function MailboxSelect({ value, onPick }: { value: string; onPick: (id: string) => void }) {
  return (
    <label>
      Mailbox
      <select value={value} onChange={({ currentTarget }) => onPick(currentTarget.value)}>
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
  );
}
