import type { AnswerOf } from '@ms1/console-api';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { callApi } from '../state/call-api.ts';
import { VIEWS } from '../state/place.ts';
import { clockTime, duration, number, slowRate } from '../words.ts';

type Compared = AnswerOf<'GET /sessions/compare'>[number];
/** What is told of each; a dash where it is unknown. */
type Figure = readonly [name: string, of: (session: Compared) => string];

const DASH = '–';
const known = (value: number | null, spell: (known: number) => string = number): string =>
  value === null ? DASH : spell(value);
const moment = (value: string | null): string => (value === null ? DASH : clockTime(value));

const FIGURES: readonly Figure[] = [
  ['status', ({ status }) => status],
  ['mailboxes', ({ mailboxes }) => number(mailboxes)],
  ['mail from', ({ from }) => moment(from)],
  ['mail to', ({ to }) => moment(to)],
  ['begun', ({ createdAt }) => moment(createdAt)],
  ['took', ({ seconds, finishedAt }) => `${duration(seconds)}${finishedAt ? '' : ' so far'}`],
  ['messages final', ({ perSecond }) => slowRate(perSecond)],
  ['found', ({ found }) => number(found)],
  ['on the way', ({ counts }) => number(counts.queued + counts.prepared)],
  ['delivered', ({ counts }) => number(counts.delivered)],
  ['skipped', ({ counts }) => number(counts.skipped)],
  ['dead', ({ counts }) => number(counts.dead)],
];
const REPORT: readonly Figure[] = [
  ['put back', ({ requeued }) => number(requeued)],
  ['counted by Graph, not listed', ({ missing }) => number(missing)],
  ['report', ({ report }) => report?.status ?? DASH],
  ['unexplained', ({ report }) => known(report?.unexplained ?? null)],
  ['the service: most on inbound', ({ service }) => known(service.inbound)],
  ['the service: most on outbound', ({ service }) => known(service.outbound)],
  [
    'the service: longest since a mailbox was walked',
    ({ service }) => known(service.walkedSecondsAgo, duration),
  ],
];

/** Sessions side by side, a figure a line. */
export function CompareView({ ids }: { ids: string }) {
  const answer = useSignal<Awaited<ReturnType<typeof read>> | undefined>(undefined);
  useEffect(() => {
    const load = async (): Promise<void> => {
      answer.value = await read(ids);
    };
    void load();
  }, [ids, answer]);
  const found = answer.value;
  return (
    <>
      <Heading title="Sessions side by side">
        <span>
          <a href={VIEWS.sessions.path}>All sessions</a>{' '}
          <CsvLink path="/sessions/compare" query={{ ids }} of="the sessions" />
        </span>
      </Heading>
      {!found && <p role="status">Looking …</p>}
      {found && !found.ok && <Empty title="They cannot be compared">{found.why}</Empty>}
      {found?.ok && <Comparison sessions={found.body} />}
    </>
  );
}

function Comparison({ sessions }: { sessions: readonly Compared[] }) {
  const reasons = [...new Set(sessions.flatMap((one) => Object.keys(one.reasons)))].toSorted();
  const figures = [
    ...FIGURES,
    ...reasons.map((reason): Figure => [reason, (one) => number(one.reasons[reason] ?? 0)]),
    ...REPORT,
  ];
  return (
    <>
      <section class="scroll" aria-label="Figures" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Figure</th>
              {sessions.map(({ id, name }) => (
                <th key={id} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {figures.map(([name, of]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {sessions.map((session) => (
                  <td key={session.id}>{of(session)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="muted">
        What is told of the service is of all its mail while the session ran, as the history has it:
        to 10 seconds in the last hour, 5 minutes in the last day, 3 hours before.
      </p>
    </>
  );
}

const read = (ids: string) => callApi('GET /sessions/compare', { query: { ids } });
