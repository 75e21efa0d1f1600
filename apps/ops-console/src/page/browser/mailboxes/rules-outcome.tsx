import type { AnswerOf } from '@ms1/console-api';

import { Ago } from '../moment.tsx';
import { mailShown } from '../state/me.ts';
import { counted, number, plain } from '../words.ts';

export type RulesTest = AnswerOf<'GET /rules-tests/:id'>;
type Tested = NonNullable<RulesTest['result']>['messages'][number];
export type TestedMail = AnswerOf<'POST /rules-tests/:id/mail'>;

/** What the latest mail would have become under rules, and which of it became something else. */
export function RulesOutcome({ test, mail }: { test: RulesTest; mail: TestedMail | undefined }) {
  const { result, failed, status, changes } = test;
  if (!result) {
    return (
      <p>
        {status === 'waiting'
          ? 'No processor answers. See whether one runs (ms1 fleet), and try again.'
          : `The mailbox could not be read: ${plain(failed ?? '').toLowerCase()}. Try again in a minute.`}
      </p>
    );
  }
  const { tested, taken, unread, rules } = result;
  if (tested === 0) return <p>There is no mail in the folders that are read.</p>;
  return (
    <>
      <p>
        <strong>
          Of {counted(tested, 'message')}, {number(taken)} would be taken and{' '}
          {number(tested - taken - unread)} skipped.
        </strong>
        {unread > 0 && ` ${number(unread)} could not be read.`}
      </p>
      <p>{changedWords(result.messages, changes)}</p>
      {Object.keys(rules).length > 0 && (
        <ul>
          {Object.entries(rules).map(([rule, many]) => (
            <li key={rule}>
              {plain(rule)} skips {counted(many, 'message')}
            </li>
          ))}
        </ul>
      )}
      <Messages test={test} mail={mail} messages={result.messages} />
    </>
  );
}

function changedWords(messages: readonly Tested[], changes: RulesTest['changes']): string {
  const skipped = changes.filter(({ to }) => to === 'skipped').length;
  const taken = changes.length - skipped;
  const unknown = messages.filter(({ now }) => now === null).length;
  const rest =
    unknown === 0 ? '' : ` ${number(unknown)} were never noticed, so there is nothing to compare.`;
  if (changes.length === 0) return `None of them became anything else so far.${rest}`;
  const parts = [
    ...(skipped > 0 ? [`${number(skipped)} that ${was(skipped)} taken would be skipped`] : []),
    ...(taken > 0 ? [`${number(taken)} that ${was(taken)} skipped would be taken`] : []),
  ];
  return `${parts.join(', and ')}.${rest}`;
}

const was = (n: number): string => (n === 1 ? 'was' : 'were');

/** Each of them, for those who may see what is in mail; for others the counts are all there is. */
function Messages({
  test,
  mail,
  messages,
}: {
  test: RulesTest;
  mail: TestedMail | undefined;
  messages: readonly Tested[];
}) {
  if (mailShown.value === 'hidden') {
    return <p class="muted">Your role does not show what is in mail, so these are counts only.</p>;
  }
  const changed = new Set(test.changes.map(({ key }) => key));
  const parts = [
    { title: 'Would become something else', some: messages.filter(({ key }) => changed.has(key)) },
    { title: 'Would stay as they are', some: messages.filter(({ key }) => !changed.has(key)) },
  ];
  const titles = new Map(mail?.mail.map((one) => [one.key, one]));
  return (
    <>
      {mail && mail.status !== 'shown' && <p class="muted">{mail.text}</p>}
      {parts.map(
        ({ title, some }) =>
          some.length > 0 && (
            <section key={title} aria-label={title}>
              <h3>{title}</h3>
              <ul class="rows">
                {some.map((one) => (
                  <Message key={one.key} tested={one} titled={titles.get(one.key)} />
                ))}
              </ul>
            </section>
          ),
      )}
    </>
  );
}

function Message({
  tested: { receivedAt, now, unread, declinedBy, webLink },
  titled,
}: {
  tested: Tested;
  titled: TestedMail['mail'][number] | undefined;
}) {
  const [first] = declinedBy;
  const outcome = unread !== null ? 'not read' : first ? `skipped: ${spelled(first)}` : 'taken';
  return (
    <li>
      <span class="grow">
        {titled && (
          <>
            <span class="subject">{titled.subject ?? 'No subject'}</span>{' '}
          </>
        )}
        <span class="second">
          {titled && `from ${titled.from.name ?? titled.from.address ?? 'nobody named'}, `}
          {receivedAt ? <Ago at={receivedAt} /> : 'at an unknown time'}
          {webLink?.startsWith('https://') && (
            <>
              {' '}
              <a href={webLink} target="_blank" rel="noopener noreferrer">
                Open in Outlook<span class="sr"> (another tab)</span>
              </a>
            </>
          )}
        </span>
      </span>
      <span class="muted">{now === null ? 'never noticed' : `was ${spelled(now)}`}</span>
      <span class={`chip ${first ? 'warn' : 'calm'}`}>{outcome}</span>
    </li>
  );
}

/** `skipped:rule_subject` as `skipped: rule subject` */
const spelled = (code: string): string => code.replaceAll('_', ' ').replace(':', ': ');
