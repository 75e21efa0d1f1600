import type { Bucket } from '../state/history.ts';
import { drawSteps, runsOf } from './draw-steps.ts';
import { figureOf, type Panel, wasSeen } from './panels.ts';

const WIDTH = 600;
const HEIGHT = 72;
/** Room for the stroke at the top. */
const TOP = 3;

/** The lines of one panel. What they say is said by its legend for the bucket that is pointed at, and by the table. */
export function PanelChart({
  panel,
  buckets,
  index,
}: {
  panel: Panel;
  buckets: readonly Bucket[];
  /** of the bucket that is pointed at */
  index: number;
}) {
  const { title, series, least } = panel;
  const highest = buckets.reduce(
    (max, bucket) => series.reduce((most, { figure }) => Math.max(most, bucket[figure] ?? 0), max),
    least,
  );
  const scale = (value: number): number => HEIGHT - (value / highest) * (HEIGHT - TOP);
  const step = WIDTH / Math.max(1, buckets.length);
  const at = (index + 0.5) * step;
  const gaps = runsOf(buckets, (bucket) => !wasSeen(bucket));
  return (
    <div class="panel">
      <div class="chart-head">
        <h3>{title}</h3>
        <p class="legend">
          {series.map(({ figure, name }, nth) => (
            <span key={figure} class={`key series-${nth}`}>
              {name} {figureOf(panel, buckets[index]?.[figure] ?? null)}
            </span>
          ))}
          <span class="muted">top {panel.spell(highest)}</span>
        </p>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {gaps.map(({ first, length }) => (
          <rect
            key={first}
            class="gap"
            x={first * step}
            width={length * step}
            y="0"
            height={HEIGHT}
          />
        ))}
        <line class="ground" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        <line class="grid" x1="0" x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
        {series
          .map(({ figure }, nth) => (
            <path
              key={figure}
              class={`series-${nth}`}
              d={drawSteps(
                buckets.map((bucket) => bucket[figure]),
                { width: WIDTH, scale },
              )}
            />
          ))
          .toReversed()}
        <line class="pointer" x1={at} x2={at} y1="0" y2={HEIGHT} />
      </svg>
    </div>
  );
}
