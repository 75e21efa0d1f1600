import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import {
  type Bucket,
  chooseRange,
  type History,
  history,
  loadHistory,
  pointed,
  range,
} from '../state/history.ts';
import { FiguresTable } from './figures-table.tsx';
import { PanelChart } from './panel-chart.tsx';
import { figureOf, momentIn, PANELS, wasSeen } from './panels.ts';

const RANGES: Record<History['range'], string> = {
  hour: 'Last hour',
  day: 'Last day',
  month: '35 days',
};
/** ms between looks: the shortest bucket, and often enough for the others. */
const EVERY_MS: Record<History['range'], number> = { hour: 10_000, day: 60_000, month: 60_000 };

/** How it went: rates, depths, freshness and dead letters over a range. */
export function HistoryView() {
  const chosen = range.value;
  const { shown, trouble } = history.value;
  useEffect(() => {
    void loadHistory();
    const timer = setInterval(() => {
      if (!document.hidden) void loadHistory();
    }, EVERY_MS[chosen]);
    return () => clearInterval(timer);
  }, [chosen]);
  return (
    <>
      <Heading title="History">
        <fieldset class="ranges">
          <legend class="sr">Range</legend>
          {Object.entries(RANGES).map(([value, text]) => (
            <label key={value} class="tick">
              <input
                type="radio"
                name="range"
                value={value}
                checked={value === chosen}
                onChange={() => chooseRange(value as History['range'])}
              />
              {text}
            </label>
          ))}
        </fieldset>
        <CsvLink path="/history" query={{ range: chosen }} of="the history" />
      </Heading>
      {trouble && <Empty title="The history cannot be read">{trouble}</Empty>}
      {!(shown || trouble) && <p role="status">Looking …</p>}
      {shown && <Chart history={shown} />}
      {shown && <Figures key={chosen} range={chosen} />}
    </>
  );
}

function Chart({ history: { range: of, buckets } }: { history: History }) {
  const found = buckets.findIndex(({ at }) => at === pointed.value);
  const index = found === -1 ? buckets.length - 1 : found;
  const bucket = buckets[index];
  if (!bucket) return null;
  const [first, last] = [buckets[0] ?? bucket, buckets.at(-1) ?? bucket];
  return (
    <section class="chart history" aria-labelledby="history-title">
      <h2 id="history-title">{RANGES[of]}</h2>
      {PANELS.map((panel) => (
        <PanelChart key={panel.title} panel={panel} buckets={buckets} index={index} />
      ))}
      <input
        type="range"
        min={0}
        max={buckets.length - 1}
        value={index}
        aria-label="Figures of the moment"
        aria-valuetext={told(of, bucket)}
        onInput={({ currentTarget }) => {
          pointed.value = buckets[Number(currentTarget.value)]?.at;
        }}
      />
      <p class="axis">
        <span>{momentIn(of, first.at)}</span>
        <strong>
          {momentIn(of, bucket.at)}
          {!wasSeen(bucket) && ': no console looked'}
        </strong>
        <span>{momentIn(of, last.at)}</span>
      </p>
      {!buckets.every(wasSeen) && (
        <p class="legend">
          <span class="key gap">no console looked</span>
        </p>
      )}
    </section>
  );
}

/** The figures of a moment for those who listen. */
function told(of: History['range'], bucket: Bucket): string {
  const moment = momentIn(of, bucket.at);
  if (!wasSeen(bucket)) return `${moment}: no console looked`;
  const figures = PANELS.flatMap((panel) =>
    panel.series.map(({ figure, name }) => `${name} ${figureOf(panel, bucket[figure])}`),
  );
  return `${moment}: ${figures.join(', ')}`;
}

function Figures({ range: of }: { range: History['range'] }) {
  const isOpen = useSignal(false);
  return (
    <details
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>Figures as a table</summary>
      {isOpen.value && <FiguresTable range={of} />}
    </details>
  );
}
