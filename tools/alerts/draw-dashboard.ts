/** A panel of a dashboard with what is in it. */
export interface DrawnPanel {
  readonly title: string;
  readonly unit: string;
  readonly kind?: 'stat';
  readonly lines: readonly DrawnLine[];
}

interface DrawnLine {
  readonly label: string;
  /** s since the epoch, and a value */
  readonly points: readonly (readonly [at: number, value: number])[];
}

const [WIDTH, HEIGHT, GAP, TOP] = [480, 200, 12, 44];
/** Of a panel: where its curves are. */
const PLOT = { x: 56, y: 34, width: 408, height: 106 };
/** Apart for people who see colours differently too (Okabe and Ito), on white. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#545e6c'];
const SHOWN = COLORS.length;

/** A picture of panels, two in a row, as a dashboard has them. */
export function drawDashboard(
  title: string,
  panels: readonly DrawnPanel[],
  from: number,
  to: number,
): string {
  const rows = Math.ceil(panels.length / 2);
  const [width, height] = [2 * WIDTH + 3 * GAP, TOP + rows * (HEIGHT + GAP)];
  const drawn = panels.map((panel, index) => {
    const x = GAP + (index % 2) * (WIDTH + GAP);
    const y = TOP + Math.floor(index / 2) * (HEIGHT + GAP);
    return `<g transform="translate(${x} ${y})">${drawPanel(panel, from / 1_000, to / 1_000)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" font-family="system-ui, sans-serif" font-size="11" fill="#12161c">
<rect width="${width}" height="${height}" fill="#f5f6f8"/>
<text x="${GAP}" y="28" font-size="16" font-weight="600">${escaped(title)}</text>
${drawn.join('\n')}
</svg>
`;
}

function drawPanel(panel: DrawnPanel, from: number, to: number): string {
  const frame = `<rect width="${WIDTH}" height="${HEIGHT}" rx="6" fill="#fff" stroke="#e3e6eb"/><text x="14" y="21" font-weight="600">${escaped(panel.title)}</text>`;
  const known = panel.lines.filter(({ points }) => points.some(([, value]) => isNumber(value)));
  if (known.length === 0) return `${frame}<text x="14" y="90" fill="#545e6c">no data</text>`;
  if (panel.kind === 'stat') return frame + drawStat(panel, known[0]);
  const lines = known.toSorted((a, b) => peakOf(b) - peakOf(a)).slice(0, SHOWN);
  const most = niceAbove(Math.max(...lines.map(peakOf)));
  const x = (at: number): number => PLOT.x + ((at - from) / (to - from)) * PLOT.width;
  const y = (value: number): number =>
    PLOT.y + PLOT.height * (1 - Math.min(1, Math.max(0, value / most)));
  const curves = lines.map(
    ({ points }, index) =>
      `<path d="${pathOf(points, x, y)}" fill="none" stroke="${COLORS[index]}" stroke-width="1.3"/>`,
  );
  return [
    frame,
    drawAxes(panel.unit, most, (to - from) / 60),
    ...curves,
    drawLegend(known, lines),
  ].join('');
}

function drawStat({ unit }: DrawnPanel, line: DrawnLine | undefined): string {
  const value = line?.points.findLast(([, one]) => isNumber(one))?.[1] ?? 0;
  return `<text x="${WIDTH / 2}" y="115" font-size="34" text-anchor="middle" fill="#0a58b8">${withUnit(value, unit)}</text>`;
}

function drawAxes(unit: string, most: number, minutes: number): string {
  const levels = [0, 0.5, 1].map((share) => {
    const at = PLOT.y + PLOT.height * (1 - share);
    return `<path d="M${PLOT.x} ${at}h${PLOT.width}" stroke="#e3e6eb"/><text x="${PLOT.x - 6}" y="${at + 4}" text-anchor="end" fill="#545e6c">${withUnit(most * share, unit)}</text>`;
  });
  const times = [0, 0.5, 1].map((share) => {
    const anchor = ['start', 'middle', 'end'][share * 2];
    return `<text x="${PLOT.x + PLOT.width * share}" y="${PLOT.y + PLOT.height + 15}" text-anchor="${anchor}" fill="#545e6c">${Math.round(minutes * share)} min</text>`;
  });
  return levels.join('') + times.join('');
}

/** Two rows of names; how many are not drawn. */
function drawLegend(known: readonly DrawnLine[], lines: readonly DrawnLine[]): string {
  const names = lines.map(({ label }, index) => {
    const [x, y] = [14 + (index % 4) * 114, 174 + Math.floor(index / 4) * 15];
    const short = label.length > 17 ? `${label.slice(0, 16)}…` : label;
    return `<path d="M${x} ${y - 4}h9" stroke="${COLORS[index]}" stroke-width="3"/><text x="${x + 13}" y="${y}" fill="#545e6c">${escaped(short)}</text>`;
  });
  const left = known.length - lines.length;
  const more =
    left > 0 ? `<text x="${14 + 3 * 114}" y="189" fill="#545e6c">and ${left} more</text>` : '';
  return names.join('') + more;
}

/** With a gap where there is nothing. */
function pathOf(
  points: DrawnLine['points'],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  const steps = points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at));
  const step = Math.min(...steps, Number.POSITIVE_INFINITY);
  let last = Number.NEGATIVE_INFINITY;
  let path = '';
  for (const [at, value] of points) {
    if (!isNumber(value)) continue;
    path += `${at - last > step * 1.5 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    last = at;
  }
  return path;
}

const isNumber = Number.isFinite;
const peakOf = ({ points }: DrawnLine): number =>
  points.reduce((most, [, value]) => (isNumber(value) ? Math.max(most, value) : most), 0);

/** 1, 2 or 5 and noughts. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const ten = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((n) => n * ten).find((one) => one >= value) ?? value;
}

const PREFIXES: readonly [number, string][] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

function withUnit(value: number, unit: string): string {
  if (unit === 'percentunit') return `${rounded(value * 100)} %`;
  if (unit === 's' && value >= 86_400) return `${rounded(value / 86_400)} d`;
  if (unit === 's' && value >= 7_200) return `${rounded(value / 3_600)} h`;
  const [by, prefix] = PREFIXES.find(([least]) => value >= least) ?? [1, ''];
  const names: Record<string, string> = { s: ' s', bytes: 'B', reqps: '/s' };
  return `${rounded(value / by)}${prefix && ` ${prefix}`}${names[unit] ?? ''}`;
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
