import type { HeldMailbox, MailboxView } from '@ms1/console-api';
import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { mayAct } from '../state/me.ts';
import { overview } from '../state/overview.ts';
import { announcedShare, counted, secondOf } from '../words.ts';
import { MailboxStep } from './mailbox-step.tsx';

/** The mailboxes that are read, and how fresh what is known of each is: least fresh first. */
export function MailboxesView() {
  const mailboxes = overview.value?.mailboxes;
  return (
    <>
      <Heading title="Mailboxes">
        {mailboxes && (
          <p class="muted">
            {counted(mailboxes.total, 'mailbox', 'mailboxes')}
            {mailboxes.stale > 0 && `, ${mailboxes.stale} not walked for a while`}
            {mailboxes.heldTotal > 0 && `, ${mailboxes.heldTotal} held by Graph`}
          </p>
        )}
      </Heading>
      {mailboxes?.total === 0 && <Empty title="No mailbox is watched" />}
      {mailboxes && mailboxes.total > 0 && (
        <table>
          <caption class="sr">Mailboxes, least fresh first</caption>
          <thead>
            <tr>
              <th scope="col">Mailbox</th>
              <th scope="col">
                Last walk <span class="second">announced in the last hour</span>
              </th>
              <th scope="col">Freshness</th>
            </tr>
          </thead>
          <tbody>
            {mailboxes.longestAgo.map((mailbox) => (
              <MailboxRow
                key={mailbox.id}
                mailbox={mailbox}
                held={mailboxes.held.find(({ id }) => id === mailbox.id)}
              />
            ))}
          </tbody>
        </table>
      )}
      {mailboxes && mailboxes.total > mailboxes.longestAgo.length && (
        <p class="muted">The {mailboxes.longestAgo.length} walked least recently are shown.</p>
      )}
    </>
  );
}

function MailboxRow({ mailbox, held }: { mailbox: MailboxView; held: HeldMailbox | undefined }) {
  const { id, label, walkedAt, push, paused, stale, readSingly } = mailbox;
  return (
    <tr>
      <th scope="row">
        {label}
        {label !== id && <span class="id">{id}</span>}
      </th>
      <td>
        {walkedAt ? <Ago at={walkedAt} /> : 'never'}
        <span class="second">{announcedShare(push)}</span>
      </td>
      <td>
        <span class={`chip ${stale || paused || held ? 'warn' : 'calm'}`}>
          {paused ? 'paused' : held ? held.reason : stale ? 'stale' : 'fresh'}
        </span>{' '}
        {held && (
          <span class="second">
            since {secondOf(held.since)}, asked again at {secondOf(held.until)}
          </span>
        )}
        {readSingly && <span class="second">read message by message for an hour</span>}
        {mayAct.value && <MailboxStep mailbox={mailbox} />}
      </td>
    </tr>
  );
}
