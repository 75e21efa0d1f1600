import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { callApi } from '../state/call-api.ts';
import type { History } from '../state/history.ts';
import { figureOf, momentIn, PANELS, wasSeen } from './panels.ts';

/** Rows: hours of a day; somebody may want to hear them all. */
const ROWS = '24';

/** The figures of the chart in few rows, read once: what somebody reads does not change below them. */
export function FiguresTable({ range }: { range: History['range'] }) {
  const answer = useSignal<Awaited<ReturnType<typeof read>> | undefined>(undefined);
  useEffect(() => {
    const load = async (): Promise<void> => {
      answer.value = await read(range);
    };
    void load();
  }, [range, answer]);
  if (!answer.value) return <p role="status">Looking …</p>;
  if (!answer.value.ok) return <p role="status">{answer.value.why}</p>;
  const { buckets, now } = answer.value.body;
  const columns = PANELS.flatMap((panel) => panel.series.map((series) => ({ panel, ...series })));
  return (
    <>
      <p class="muted">
        As of {momentIn('hour', now)}: means of messages, the most of what waits and of freshness,
        the last of dead letters.
      </p>
      <section class="scroll" aria-label="Figures" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              {columns.map(({ figure, name }) => (
                <th key={figure} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {buckets.map((bucket) => (
              <tr key={bucket.at}>
                <th scope="row">{momentIn(range, bucket.at)}</th>
                {wasSeen(bucket) ? (
                  columns.map(({ figure, panel }) => (
                    <td key={figure}>{figureOf(panel, bucket[figure])}</td>
                  ))
                ) : (
                  <td colSpan={columns.length} class="muted">
                    no console looked
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

const read = (range: History['range']) =>
  callApi('GET /history', { query: { range, points: ROWS } });
