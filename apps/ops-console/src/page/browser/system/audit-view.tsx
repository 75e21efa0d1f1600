import type { AnswerOf } from '@ms1/console-api';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { Ago, At } from '../moment.tsx';
import { overview } from '../state/overview.ts';
import { messagePath, VIEWS } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import { number, plain } from '../words.ts';
import { auditInWords, auditRemedy } from './audit-in-words.ts';

type Audit = AnswerOf<'GET /audits/:id'>;

/** ms between two looks at an audit that still lists folders. */
const EVERY_MS = 1_000;

const VERDICTS: Record<keyof Audit['counts'], string> = {
  delivered: 'delivered',
  skipped: 'skipped',
  dead: 'dead letters',
  inFlight: 'on their way',
  unexplained: 'unexplained',
};

const labelOf = (mailboxId: string): string =>
  overview.value?.mailboxes.longestAgo.find(({ id }) => id === mailboxId)?.label ?? mailboxId;

/** One audit: what it came to, and each message that nothing accounts for. */
export function AuditView({ id }: { id: string }) {
  const { answer } = useAnswer('GET /audits/:id', { id }, (latest) =>
    latest.ok && latest.body.status === 'running' ? EVERY_MS : null,
  );
  if (!answer) return <Heading title="Looking …" />;
  if (!answer.ok) {
    return (
      <>
        <Heading title="There is no such audit" />
        <Empty title={answer.why} />
      </>
    );
  }
  const audit = answer.body;
  const { createdAt, from, to, listed, missing, counts, reasons, witnesses } = audit;
  const { text, kind } = auditInWords(audit);
  const remedy = auditRemedy(audit);
  return (
    <>
      <Heading title={audit.sessionId ? 'Report of a session' : 'Audit'}>
        <span class={`chip ${kind}`}>{text}</span>
      </Heading>
      {remedy && <p>{remedy}</p>}
      <p class="muted">
        Begun <Ago at={createdAt} />, of mail received{' '}
        {from ? <At at={from} /> : 'from the beginning'} to {to ? <At at={to} /> : 'now'}.{' '}
        <a href={VIEWS.audits.path}>All audits</a>{' '}
        <a href={`/api/audits/${id}?format=text`} target="_self">
          As text
        </a>{' '}
        <CsvLink path={`/audits/${id}`} of="the audit" />
      </p>
      <table>
        <caption class="sr">What became of the messages in the mailboxes</caption>
        <thead>
          <tr>
            <th scope="col">What became of them</th>
            <th scope="col">Messages</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(VERDICTS).map(([verdict, words]) => (
            <tr key={verdict}>
              <th scope="row">
                {words}
                {Object.entries(reasons)
                  .filter(([reason]) => reason.startsWith(`${verdict}:`))
                  .map(([reason, messages]) => (
                    <span key={reason} class="second">
                      {plain(reason.slice(verdict.length + 1))}: {number(messages)}
                    </span>
                  ))}
              </th>
              <td>{number(counts[verdict as keyof Audit['counts']])}</td>
            </tr>
          ))}
          {missing > 0 && (
            <tr>
              <th scope="row">counted by Graph and not listed</th>
              <td>{number(missing)}</td>
            </tr>
          )}
          <tr>
            <th scope="row">in the mailboxes</th>
            <td>{number(listed)}</td>
          </tr>
        </tbody>
      </table>
      {witnesses.length > 0 && (
        <section aria-labelledby="witnesses-title">
          <h2 id="witnesses-title">Unexplained</h2>
          <ul class="rows">
            {witnesses.map(({ key, mailboxId, receivedAt, why }) => (
              <li key={key}>
                <span class="grow">
                  <a class="mono" href={messagePath(key)}>
                    {key}
                  </a>
                  <span class="second">{labelOf(mailboxId)}</span>
                </span>
                {receivedAt && (
                  <span class="muted">
                    received <At at={receivedAt} />
                  </span>
                )}
                <span class="muted">{plain(why)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
