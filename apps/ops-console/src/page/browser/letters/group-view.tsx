import type { AnswerOf } from '@ms1/console-api';
import { useEffect, useState } from 'preact/hooks';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { type Answer, callApi } from '../state/call-api.ts';
import { groups, watchGroups } from '../state/groups.ts';
import { mayAct } from '../state/me.ts';
import { messagePath, VIEWS } from '../state/place.ts';
import { counted } from '../words.ts';
import { causeInWords, Said } from './cause-list.tsx';
import { LetterActions } from './letter-actions.tsx';
import { TriageForm } from './triage-form.tsx';

/** Letters that one look shows. */
const PAGE = 100;

/** One cause: what it means, who looks after it, and each of its letters. */
export function GroupView({ id }: { id: string }) {
  useEffect(watchGroups, []);
  const group = groups.value?.find(({ fingerprint }) => fingerprint === id);
  if (!groups.value) return <Heading title="Looking …" />;
  if (!group) {
    return (
      <>
        <Heading title="No letter is dead of this any more" />
        <p>
          <a href={VIEWS.letters.path}>All dead letters</a>
        </p>
      </>
    );
  }
  const { cause, stage, count, firstAt, lastAt, advice, triage } = group;
  return (
    <>
      <Heading title={causeInWords(cause)}>
        {mayAct.value && <LetterActions which={{ fingerprint: id }} cause={cause} />}
      </Heading>
      <p>{advice}</p>
      <p class="muted">
        {counted(count, 'message')} in {stage}, the first <Ago at={firstAt} />, the last{' '}
        <Ago at={lastAt} />. <a href={VIEWS.letters.path}>All causes</a>
      </p>
      <Said group={group} />
      {mayAct.value && <TriageForm key={triage?.at ?? ''} id={id} triage={triage} />}
      <Letters id={id} count={count} />
    </>
  );
}

function Letters({ id, count }: { id: string; count: number }) {
  const [limit, setLimit] = useState(PAGE);
  const [answer, setAnswer] = useState<Answer<AnswerOf<'GET /dead-letters'>>>();
  useEffect(() => {
    const query = { fingerprint: id, limit };
    void callApi('GET /dead-letters', { query }).then(setAnswer);
  }, [id, limit, count]);
  if (!answer) return <p role="status">Looking …</p>;
  if (!answer.ok) return <Empty title="The letters cannot be listed">{answer.why}</Empty>;
  return (
    <section aria-labelledby="letters-title">
      <h2 id="letters-title">
        {answer.body.length < count ? `The first ${answer.body.length}` : 'All of them'}, oldest
        first <CsvLink path="/dead-letters" query={{ fingerprint: id }} of="all letters" />
      </h2>
      <ul class="rows">
        {answer.body.map(({ key, attempts, failedAt }) => (
          <li key={key}>
            <a class="grow mono" href={messagePath(key)}>
              {key}
            </a>
            <span class="muted">{counted(attempts, 'attempt')}</span>
            <span class="muted">
              <Ago at={failedAt} />
            </span>
          </li>
        ))}
      </ul>
      {answer.body.length === limit && limit < 500 && (
        <button type="button" onClick={() => setLimit(500)}>
          Show 500
        </button>
      )}
    </section>
  );
}
