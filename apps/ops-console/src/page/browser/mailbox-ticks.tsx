import { overview } from './state/overview.ts';

/** Some mailboxes, or all. */
export function MailboxTicks() {
  const mailboxes = overview.value?.mailboxes;
  return (
    <fieldset>
      <legend>Mailboxes</legend>
      <p class="muted">None ticked: all {mailboxes?.total ?? ''} of them.</p>
      <div class="ticks">
        {mailboxes?.longestAgo
          .toSorted((a, b) => a.label.localeCompare(b.label))
          .map(({ id, label }) => (
            <label key={id} class="tick">
              <input type="checkbox" name="mailbox" value={id} />
              {label}
            </label>
          ))}
      </div>
    </fieldset>
  );
}

/** Those that are ticked in a form. */
export function tickedMailboxes(form: FormData): string[] | 'all' {
  const ticked = form.getAll('mailbox').map(String);
  return ticked.length === 0 ? 'all' : ticked;
}
