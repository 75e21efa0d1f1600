import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { Empty, Heading } from '../heading.tsx';
import { LetterActions } from '../letters/letter-actions.tsx';
import { At } from '../moment.tsx';
import { type Answer, callApi } from '../state/call-api.ts';
import { mayAct } from '../state/me.ts';
import { notice } from '../state/notice.ts';
import { overview } from '../state/overview.ts';
import { VIEWS } from '../state/place.ts';
import { elapsed } from '../words.ts';
import { MailCard } from './mail-card.tsx';
import { type Message, type Step, timelineOf } from './timeline.ts';

type Looked = Answer<Message>;

/** One message, from its mailbox to MS4's receipt. */
export function MessageView({ messageKey }: { messageKey: string }) {
  const looked = useSignal<Looked | undefined>(undefined);
  useEffect(() => {
    let isShown = true;
    const look = async (): Promise<void> => {
      const answer = await callApi('GET /messages/:key', { params: { key: messageKey } });
      if (isShown) looked.value = answer;
    };
    void look();
    // What somebody has just done may have moved it.
    const stop = notice.subscribe(() => void look());
    return () => {
      isShown = false;
      stop();
    };
  }, [messageKey]);

  const answer = looked.value;
  if (!answer) return <Heading title="Looking …" />;
  if (!answer.ok) {
    return (
      <>
        <Heading title="Message" />
        {answer.status === 404 ? (
          <Empty title="No message has this key">
            No message of this key was noticed in the last 35 days. That does not say that it did
            not arrive. <a href={VIEWS.find.path}>Look in another way</a>
          </Empty>
        ) : (
          <Empty title="The message could not be read">{answer.why}</Empty>
        )}
      </>
    );
  }
  const message = answer.body;
  const receipt = message.timeline.find((event) => event.receipt)?.receipt;
  const steps = timelineOf(message);
  const isLetter = message.job?.failed === true;
  const session = overview.value?.sessions.find(({ id }) => id === message.sessionId);
  return (
    <>
      <Heading title={titleOf(message)}>
        {isLetter && mayAct.value && <LetterActions which={{ key: message.key }} cause="" />}
      </Heading>
      <MailCard messageKey={message.key} />
      <ol class="timeline card">
        {steps.map((step, index) => (
          <TimelineStep key={step.title} step={step} before={steps[index - 1]} />
        ))}
      </ol>
      <dl class="facts-list">
        <div>
          <dt>Message key</dt>
          <dd class="mono">{message.key}</dd>
        </div>
        {message.mailbox && (
          <div>
            <dt>Mailbox</dt>
            <dd>{message.mailbox.label}</dd>
          </div>
        )}
        {message.sessionId && (
          <div>
            <dt>Session</dt>
            <dd>{session?.name ?? message.sessionId}</dd>
          </div>
        )}
        {receipt && (
          <div>
            <dt>MS4’s receipt</dt>
            <dd class="mono">{receipt}</dd>
          </div>
        )}
      </dl>
    </>
  );
}

function titleOf({ state, job }: Message): string {
  if (job?.failed || state === 'dead') return 'This message is a dead letter';
  if (state === 'delivered') return 'This message is delivered';
  if (state === 'skipped') return 'This message was skipped';
  return 'This message is on its way';
}

const STATES: Record<Step['state'], string> = {
  done: 'done',
  now: 'now',
  ahead: 'still ahead',
  failed: 'ended here',
};

function TimelineStep({ step, before }: { step: Step; before: Step | undefined }) {
  const took = step.at && before?.at ? Date.parse(step.at) - Date.parse(before.at) : null;
  return (
    <li class={step.state}>
      <span aria-hidden="true" class="node" />
      <div>
        <h2>
          {step.title} <span class="sr">({STATES[step.state]})</span>
        </h2>
        <p class="detail">{step.detail}</p>
      </div>
      <p class="when">
        {step.at && <At at={step.at} />}
        {took !== null && <span class="took">+{elapsed(took)}</span>}
      </p>
    </li>
  );
}
