import type { AnswerOf } from '@ms1/console-api';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { useAnswer } from '../state/use-answer.ts';
import { counted } from '../words.ts';

type Examination = AnswerOf<'GET /doctor'>;
type Check = Examination['checks'][number];

const MARKS: Record<Check['status'], { text: string; kind: string }> = {
  ok: { text: 'ok', kind: 'calm' },
  warn: { text: 'look at it', kind: 'warn' },
  fail: { text: 'wrong', kind: 'bad' },
  skipped: { text: 'cannot be told', kind: 'calm' },
};
const ORDER = ['fail', 'warn', 'skipped', 'ok'] as const;

/** What is wrong with the installation, as far as a console can tell, each with what to do. */
export function ChecksView() {
  const { answer, ask } = useAnswer('GET /doctor', undefined, () => null);
  return (
    <>
      <Heading title="Checks">
        {answer?.ok && (
          <p class="muted">
            {inWords(answer.body)}, <Ago at={answer.body.at} />{' '}
            <CsvLink path="/doctor" of="the checks" />
          </p>
        )}
        <button type="button" onClick={ask}>
          Look again
        </button>
      </Heading>
      {!answer && <p role="status">Looking at Redis and Graph …</p>}
      {answer && !answer.ok && <Empty title="The checks cannot be run">{answer.why}</Empty>}
      {answer?.ok && <Shown {...answer.body} />}
    </>
  );
}

function inWords({ checks }: Examination): string {
  const wrong = checks.filter(({ status }) => status === 'fail').length;
  const doubtful = checks.filter(({ status }) => status === 'warn').length;
  if (wrong > 0) return `${counted(wrong, 'thing')} wrong`;
  return doubtful > 0 ? `${counted(doubtful, 'thing')} to look at` : 'Nothing is wrong';
}

function Shown({ checks, elsewhere }: Examination) {
  const sorted = ORDER.flatMap((wanted) => checks.filter(({ status }) => status === wanted));
  return (
    <>
      <ul class="rows">
        {sorted.map((check) => (
          <CheckRow key={check.name} check={check} />
        ))}
      </ul>
      <section aria-labelledby="elsewhere-title">
        <h2 id="elsewhere-title">Checked from elsewhere</h2>
        <p class="muted">
          A console cannot tell these. <code>ms1 doctor</code> does, where the variables of all
          processes are.
        </p>
        <ul class="rows">
          {elsewhere.map(({ name, about, why }) => (
            <li key={name}>
              <span class="grow">
                {about}
                <span class="second">{name}</span>
              </span>
              <span class="muted">{why}</span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function CheckRow({ check: { name, about, status, seen, remedy, details } }: { check: Check }) {
  const { text, kind } = MARKS[status];
  return (
    <li>
      <div class="grow told">
        <p>
          {about}
          <span class="second">{name}</span>
        </p>
        <p class="muted">{seen}</p>
        {details.length > 0 && (
          <ul>
            {details.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        {remedy !== null && status !== 'ok' && (
          <p>
            <strong>What to do:</strong> {remedy}
          </p>
        )}
      </div>
      <span class={`chip ${kind}`}>{text}</span>
    </li>
  );
}
