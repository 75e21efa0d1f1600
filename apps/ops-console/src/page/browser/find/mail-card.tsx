import type { AnswerOf } from '@ms1/console-api';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { At } from '../moment.tsx';
import { type Answer, callApi } from '../state/call-api.ts';
import { mailShown } from '../state/me.ts';
import { counted, size } from '../words.ts';

type Read = AnswerOf<'POST /messages/:key/mail'>;

/** What a message is, for people: read from its mailbox as they look, for those who may see it. */
export function MailCard({ messageKey }: { messageKey: string }) {
  const read = useSignal<Answer<Read> | undefined>(undefined);
  const shown = mailShown.value;
  useEffect(() => {
    let isShown = true;
    const look = async (): Promise<void> => {
      const answer = await callApi('POST /messages/:key/mail', { params: { key: messageKey } });
      if (isShown) read.value = answer;
    };
    // Whoever looks is noted: nobody looks who sees nothing.
    if (shown === 'shown') void look();
    return () => {
      isShown = false;
    };
  }, [messageKey, shown]);
  if (shown === undefined) return null;
  if (shown === 'hidden') return <p class="muted">Your role does not show what is in mail.</p>;
  if (shown === 'off') {
    return (
      <p class="muted">
        This console has no access to the mailboxes, so it shows what the ledger knows.
      </p>
    );
  }
  const answer = read.value;
  return (
    <section class="card mail" aria-label="The mail" aria-live="polite">
      {!answer && <p class="muted">Reading it from its mailbox …</p>}
      {answer && !answer.ok && <p>{answer.why}</p>}
      {answer?.ok && !answer.body.mail && <p>{answer.body.text}</p>}
      {answer?.ok && answer.body.mail && <Mail mail={answer.body.mail} />}
    </section>
  );
}

function Mail({ mail }: { mail: NonNullable<Read['mail']> }) {
  const { subject, from, receivedAt, files, webLink } = mail;
  return (
    <>
      <h2>{subject ?? 'No subject'}</h2>
      <p>
        from {from.name ?? from.address ?? 'nobody named'}
        {from.name && from.address && <span class="muted"> {from.address}</span>}
        {', '}
        <At at={receivedAt} />
      </p>
      {files.length === 0 ? (
        <p class="muted">No files</p>
      ) : (
        <ul class="files" aria-label={counted(files.length, 'file')}>
          {files.map(({ name, kind, bytes, contentType }, index) => (
            <li key={index}>
              {name ?? 'without a name'}{' '}
              <span class="muted">
                {[
                  kind === 'file' ? contentType : `${kind} attachment`,
                  bytes !== null && size(bytes),
                ]
                  .filter(Boolean)
                  .join(', ')}
              </span>
            </li>
          ))}
        </ul>
      )}
      {webLink?.startsWith('https://') && (
        <p>
          <a href={webLink} target="_blank" rel="noopener noreferrer">
            Open in Outlook<span class="sr"> (another tab)</span>
          </a>
        </p>
      )}
    </>
  );
}
