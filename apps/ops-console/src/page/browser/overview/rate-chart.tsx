import type { Overview } from '@ms1/console-api';
import { perSecond } from '../words.ts';

const WIDTH = 600;
const HEIGHT = 96;
/** Room for the stroke at the top. */
const TOP = 4;
const SECONDS = 180;

/** What came in and went out in the last three minutes. */
export function RateChart({ history, rates }: Pick<Overview, 'history' | 'rates'>) {
  const last = history.at(-1)?.[0] ?? 0;
  const highest = Math.max(
    1,
    ...history.map(([, noticed, delivered]) => Math.max(noticed, delivered)),
  );
  const x = (at: number): number => WIDTH - ((last - at) / SECONDS) * WIDTH;
  const y = (rate: number): number => HEIGHT - (rate / highest) * (HEIGHT - TOP);
  const line = (index: 1 | 2): string =>
    history.map((point) => `${x(point[0]).toFixed(1)},${y(point[index]).toFixed(1)}`).join(' ');
  const from = x(history[0]?.[0] ?? last).toFixed(1);
  return (
    <section class="chart" aria-labelledby="chart-title">
      <div class="chart-head">
        <h2 id="chart-title">Last three minutes</h2>
        <p class="legend">
          <span class="key delivered">delivered {perSecond(rates.delivered)}</span>
          <span class="key noticed">noticed {perSecond(rates.noticed)}</span>
          <span class="muted">top {perSecond(highest)}</span>
        </p>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-labelledby="chart-title"
      >
        <line class="ground" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        <line class="grid" x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        {history.length > 1 && (
          <>
            <polygon class="delivered" points={`${from},${HEIGHT} ${line(2)} ${WIDTH},${HEIGHT}`} />
            <polyline class="noticed" points={line(1)} />
            <polyline class="delivered" points={line(2)} />
          </>
        )}
      </svg>
    </section>
  );
}
