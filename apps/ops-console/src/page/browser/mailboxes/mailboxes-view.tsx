import type { HeldMailbox, MailboxView } from '@ms1/console-api';
import { useState } from 'preact/hooks';
import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { mayAct } from '../state/me.ts';
import { overview } from '../state/overview.ts';
import { announcedShare, counted, onTimeShare, secondOf } from '../words.ts';
import { MailboxStep } from './mailbox-step.tsx';
import { RulesDialog } from './rules-dialog.tsx';

/** The mailboxes that are read, and how fresh what is known of each is: least fresh first. */
export function MailboxesView() {
  const mailboxes = overview.value?.mailboxes;
  // Here, because a row goes when others are less fresh.
  const [asked, setAsked] = useState<MailboxView>();
  return (
    <>
      <Heading title="Mailboxes">
        {mailboxes && (
          <p class="muted">
            {counted(mailboxes.total, 'mailbox', 'mailboxes')}
            {mailboxes.stale > 0 && `, ${mailboxes.stale} not walked for a while`}
            {mailboxes.heldTotal > 0 && `, ${mailboxes.heldTotal} held by Graph`}{' '}
            <CsvLink path="/mailboxes" of="the mailboxes" />, by day:{' '}
            <CsvLink path="/daily" of="the mailboxes by day" />
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
                Last walk <span class="second">mail of the last hour</span>
              </th>
              <th scope="col">
                On time <span class="second">within a minute, in 30 days</span>
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
                onRules={() => setAsked(mailbox)}
              />
            ))}
          </tbody>
        </table>
      )}
      {asked && (
        <RulesDialog id={asked.id} label={asked.label} onClose={() => setAsked(undefined)} />
      )}
      {mailboxes && mailboxes.total > mailboxes.longestAgo.length && (
        <p class="muted">The {mailboxes.longestAgo.length} walked least recently are shown.</p>
      )}
    </>
  );
}

function MailboxRow({
  mailbox,
  held,
  onRules,
}: {
  mailbox: MailboxView;
  held: HeldMailbox | undefined;
  onRules: () => void;
}) {
  const { id, label, walkedAt, push, paused, stale, readSingly, onTime } = mailbox;
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
        {onTimeShare(onTime.month)}
        <span class="second">today {onTimeShare(onTime.today)}</span>
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
        {mayAct.value && (
          <span class="actions">
            <MailboxStep mailbox={mailbox} />{' '}
            <button type="button" onClick={onRules}>
              Rules<span class="sr"> of {label}</span>
            </button>
          </span>
        )}
      </td>
    </tr>
  );
}
