import { Heading } from '../heading.tsx';
import { CauseList } from '../letters/cause-list.tsx';
import { Ago } from '../moment.tsx';
import { SessionCard } from '../sessions/session-card.tsx';
import { overview } from '../state/overview.ts';
import { mailboxPath, VIEWS } from '../state/place.ts';
import { counted } from '../words.ts';
import { Flow } from './flow.tsx';
import { RateChart } from './rate-chart.tsx';
import { Verdict } from './verdict.tsx';

/** Does mail flow? In one look, with the way to whatever does not. */
export function OverviewView() {
  const seen = overview.value;
  if (!seen) return <Heading title="Looking …" />;
  const atWork = seen.sessions.filter(({ status }) => status === 'open' || status === 'closing');
  return (
    <>
      <Verdict overview={seen} />
      <section aria-labelledby="flow-title">
        <h2 id="flow-title" class="quiet-title">
          Flow
        </h2>
        <Flow overview={seen} />
      </section>
      <RateChart history={seen.history} rates={seen.rates} />
      {atWork.length > 0 && (
        <section aria-labelledby="work-title">
          <h2 id="work-title">Sessions at work</h2>
          <div class="cards">
            {atWork.map((session) => (
              <SessionCard key={session.id} session={session} />
            ))}
          </div>
        </section>
      )}
      {seen.deadLetters.total > 0 && (
        <section aria-labelledby="dead-title">
          <h2 id="dead-title">Dead letters by cause</h2>
          <CauseList causes={seen.deadLetters.causes.slice(0, 3)} />
          {seen.deadLetters.causesTotal > 3 && (
            <p>
              <a href={VIEWS.letters.path}>All {counted(seen.deadLetters.causesTotal, 'cause')}</a>
            </p>
          )}
        </section>
      )}
      {seen.mailboxes.stale > 0 && (
        <section aria-labelledby="stale-title">
          <h2 id="stale-title">Mailboxes not walked for a while</h2>
          <ul class="rows">
            {seen.mailboxes.longestAgo
              .filter(({ stale }) => stale)
              .slice(0, 5)
              .map(({ id, label, walkedAt }) => (
                <li key={id}>
                  <a class="grow" href={mailboxPath(id)}>
                    {label}
                  </a>
                  <span class="muted">{walkedAt ? <Ago at={walkedAt} /> : 'never walked'}</span>
                </li>
              ))}
          </ul>
          <p>
            <a href={VIEWS.mailboxes.path}>
              All {counted(seen.mailboxes.total, 'mailbox', 'mailboxes')}
            </a>
          </p>
        </section>
      )}
    </>
  );
}
