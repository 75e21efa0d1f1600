import type { AnswerOf } from '@ms1/console-api';
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';

import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { filter } from '../state/browse.ts';
import { type Answer, callApi } from '../state/call-api.ts';
import { every, type Mailbox } from '../state/mailboxes.ts';
import { mayAct } from '../state/me.ts';
import { consoleNow, overview } from '../state/overview.ts';
import { VIEWS } from '../state/place.ts';
import { counted, plain, secondOf } from '../words.ts';
import { MailboxStep } from './mailbox-step.tsx';
import {
  heldSentence,
  levelOf,
  onTimeSentence,
  pushSentence,
  requestsSentence,
  subscriptionSentence,
  timeLeft,
  walkedAt,
} from './mailbox-words.ts';
import { RulesEditor } from './rules-editor.tsx';

/** ms between two looks: it is one mailbox, and somebody watches it. */
const EVERY_MS = 5_000;

/** One mailbox: whether its mail is read, what to do if not, how fresh it is, and its rules. */
export function MailboxPage({ id }: { id: string }) {
  const [answer, setAnswer] = useState<Answer<AnswerOf<'GET /mailboxes/:id'>>>();
  const look = useCallback(async () => {
    const found = await callApi('GET /mailboxes/:id', { params: { id } });
    // What was seen stays where the console does not answer for a moment.
    setAnswer((before) => (found.ok || found.status > 0 || !before ? found : before));
  }, [id]);
  useEffect(() => every(EVERY_MS, look), [look]);
  if (!answer) return <Heading title="Looking …" />;
  if (!answer.ok) {
    return (
      <>
        <Heading title="This mailbox cannot be shown" />
        <Empty title={answer.why}>
          <a href={VIEWS.mailboxes.path}>All mailboxes</a>
        </Empty>
      </>
    );
  }
  const mailbox = answer.body;
  const { label, mailboxId, state } = mailbox;
  return (
    <>
      <Heading title={label}>
        {mayAct.value && state !== 'removed' && (
          <MailboxStep mailbox={mailbox} onDone={() => void look()} />
        )}
      </Heading>
      <Verdict mailbox={mailbox} />
      <nav aria-label={`More of ${label}`} class="links">
        <MailLink mailboxId={mailboxId}>Its mail</MailLink>
        <MailLink mailboxId={mailboxId} state="dead">
          Its dead letters
        </MailLink>
        <a href={VIEWS.sessions.path}>Sessions</a>
        <a href={VIEWS.mailboxes.path}>All mailboxes</a>
      </nav>
      <Figures mailbox={mailbox} />
      <Folders mailbox={mailbox} />
      <RulesEditor mailbox={mailbox} onSaved={look} />
    </>
  );
}

const HEADLINES = {
  well: 'Its mail is read, and nothing is wrong',
  attention: 'Its mail is read, with something to look at',
  stopped: 'Nothing new is read from it',
} as const;
const SIGNS = { well: 'flowing', attention: 'attention', stopped: 'stopped' } as const;

function Verdict({ mailbox }: { mailbox: Mailbox }) {
  const level = levelOf(mailbox);
  return (
    <section class={`verdict ${SIGNS[level]}`} aria-labelledby="standing-title">
      <span aria-hidden="true" class="sign" />
      <div class="grow">
        <div role="status">
          <h2 id="standing-title">{HEADLINES[level]}</h2>
        </div>
        {mailbox.troubles.length > 0 && (
          <ul class="concerns">
            {mailbox.troubles.map((trouble) => (
              <li key={trouble.code} class={trouble.level}>
                <strong>{trouble.text}</strong> {trouble.remedy}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

/** The list of mail, with what is looked for chosen: a path says nothing of it. */
function MailLink({
  mailboxId,
  state = '',
  children,
}: {
  mailboxId: string;
  state?: 'dead' | '';
  children: ComponentChildren;
}) {
  return (
    <a
      href={VIEWS.mail.path}
      onClick={() => {
        filter.value = { ...filter.value, mailboxId, state, from: '', to: '' };
      }}
    >
      {children}
    </a>
  );
}

function Figures({ mailbox }: { mailbox: Mailbox }) {
  const now = consoleNow.value;
  const { readSingly, sessionId, mailboxId } = mailbox;
  const walked = walkedAt(mailbox);
  const session = overview.value?.sessions.find(({ id }) => id === sessionId);
  return (
    <dl class="card sentences">
      <Fact title="Freshness">
        {walked ? (
          <>
            All of it was looked through <Ago at={walked} />.
          </>
        ) : (
          'Not all of it was looked through within a day.'
        )}
      </Fact>
      <Fact title="Notifications">{pushSentence(mailbox)}</Fact>
      <Fact title="On time">{onTimeSentence(mailbox)}</Fact>
      <Fact title="Subscription">{subscriptionSentence(mailbox, now)}</Fact>
      <Fact title="Budget">{requestsSentence(mailbox)}</Fact>
      <Fact title="Throttling">{heldSentence(mailbox, now)}</Fact>
      {readSingly && (
        <Fact title="Attachments">
          They are read message by message until {secondOf(readSingly.until)}, because Microsoft 365
          does not give them by the page ({plain(readSingly.reason).toLowerCase()}).
        </Fact>
      )}
      <Fact title="Session">
        {sessionId
          ? `It is in the open session “${session?.name ?? sessionId}”.`
          : 'It is in none that is open.'}
      </Fact>
      <Fact title="Object id">
        <code>{mailboxId}</code>
      </Fact>
    </dl>
  );
}

function Fact({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Folders({ mailbox: { folders } }: { mailbox: Mailbox }) {
  return (
    <section aria-labelledby="folders-title">
      <h2 id="folders-title">{counted(folders.length, 'folder is', 'folders are')} read</h2>
      <ul class="rows">
        {folders.map(({ folderId, walkedAt: at, subscription, audited }) => (
          <li key={folderId}>
            <span class="grow mono">{folderId}</span>
            <span class="muted">
              {at ? (
                <>
                  looked through <Ago at={at} />
                </>
              ) : (
                'not looked through within a day'
              )}
            </span>
            <span class="muted">{leftOf(subscription)}</span>
            <span class="muted">{audited ? <Audited {...audited} /> : 'not audited yet'}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function leftOf(subscription: Mailbox['folders'][number]['subscription']): string {
  if (!subscription) return 'no subscription';
  const left = timeLeft(subscription.expiresAt, consoleNow.value);
  return left === null ? 'subscription ended' : `subscription for ${left} more`;
}

function Audited({ at, unexplained }: { at: string; unexplained: number }) {
  return (
    <>
      audited <Ago at={at} />, {unexplained === 0 ? 'all explained' : `${unexplained} unexplained`}
    </>
  );
}
