import type { Overview } from '../../../live/overview.ts';
import { VIEWS } from '../state/place.ts';
import { counted, duration, number, perSecond } from '../words.ts';

const HEADLINES: Record<Overview['verdict'], string> = {
  flowing: 'Mail is flowing',
  quiet: 'All quiet',
  attention: 'Mail needs a look',
  stopped: 'Mail has stopped',
};

const LEADS: Partial<Record<Overview['concerns'][number]['code'], string>> = {
  dead_letters: VIEWS.letters.path,
  mailboxes_stale: VIEWS.mailboxes.path,
};

/** The answer to the question the page is opened with. Announced only when it changes. */
export function Verdict({ overview }: { overview: Overview }) {
  const { verdict, concerns } = overview;
  return (
    <section class={`verdict ${verdict}`} aria-labelledby="verdict-title">
      <span aria-hidden="true" class="sign" />
      <div class="grow">
        <div role="status">
          <h1 id="verdict-title" tabIndex={-1}>
            {headlineOf(overview)}
          </h1>
        </div>
        <p class="lead">{sentenceOf(overview)}</p>
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

function headlineOf({ verdict, rates, queues }: Overview): string {
  const waits = queues.some(({ name, waiting }) => name !== 'polling' && waiting > 0);
  const moves = (rates.noticed ?? 0) + (rates.delivered ?? 0) > 0;
  // Something is to be looked at, and yet mail comes through: that it does is the first thing to know.
  if (verdict === 'attention' && (moves || !waits)) {
    return moves ? 'Mail is flowing' : 'All quiet, with something to look at';
  }
  return HEADLINES[verdict];
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
