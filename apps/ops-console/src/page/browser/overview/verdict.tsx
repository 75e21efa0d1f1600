import type { Overview } from '@ms1/console-api';
import { line } from '../state/overview.ts';
import { VIEWS } from '../state/place.ts';
import { counted, duration, number, perSecond, secondOf } from '../words.ts';

const LEADS: Partial<Record<Overview['concerns'][number]['code'], string>> = {
  dead_letters: VIEWS.letters.path,
  mailboxes_stale: VIEWS.mailboxes.path,
  mailboxes_held: VIEWS.mailboxes.path,
};

/**
 * The answer to the question the page is opened with. Announced only when it changes. What is seen no
 * more is no answer: then the large letters say since when, and what was seen last stands below.
 */
export function Verdict({ overview }: { overview: Overview }) {
  const { verdict, headline, concerns, at } = overview;
  const isNow = line.value === 'live';
  return (
    <section class={`verdict ${isNow ? verdict : 'unknown'}`} aria-labelledby="verdict-title">
      <span aria-hidden="true" class="sign" />
      <div class="grow">
        <div role="status">
          <h1 id="verdict-title" tabIndex={-1}>
            {isNow ? headline : 'The service cannot be seen'}
          </h1>
        </div>
        <p class="lead">
          As of {secondOf(at)}: {isNow ? '' : `${headline}. `}
          {sentenceOf(overview)}
        </p>
        {concerns.length > 0 && (
          <ul class="concerns">
            {concerns.map(({ level, code, text }) => (
              <li key={`${code} ${text.split(' ')[0]}`} class={level}>
                {LEADS[code] ? <a href={LEADS[code]}>{text}</a> : text}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function sentenceOf({ queues, rates, totals }: Overview): string {
  const messages = queues.filter(({ name }) => name !== 'polling');
  const onTheWay = messages.reduce(
    (sum, { waiting, active, delayed }) => sum + waiting + active + delayed,
    0,
  );
  const oldest = Math.max(0, ...messages.map(({ oldestSeconds }) => oldestSeconds ?? 0));
  if (onTheWay === 0) {
    return `Nothing waits. ${counted(totals.delivered, 'message')} delivered so far.`;
  }
  return `${number(onTheWay)} on the way, the next one waiting for ${duration(oldest)}; ${perSecond(rates.delivered)} reach MS4.`;
}
