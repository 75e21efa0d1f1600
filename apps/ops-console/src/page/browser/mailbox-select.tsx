import { useEffect } from 'preact/hooks';

import { loadMailboxes, mailboxes } from './state/mailboxes.ts';

/** One mailbox, or any. */
export function MailboxSelect({ value, onPick }: { value: string; onPick: (id: string) => void }) {
  useEffect(() => {
    if (!mailboxes.value) void loadMailboxes();
  }, []);
  return (
    <label>
      Mailbox
      <select value={value} onChange={({ currentTarget }) => onPick(currentTarget.value)}>
        <option value="">Any</option>
        {mailboxes.value
          ?.toSorted((a, b) => a.label.localeCompare(b.label))
          .map(({ mailboxId, label }) => (
            <option key={mailboxId} value={mailboxId}>
              {label}
            </option>
          ))}
      </select>
    </label>
  );
}
