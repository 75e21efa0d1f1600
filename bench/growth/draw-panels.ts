/** One chart: lines over a logarithmic x axis, y from 0. */
export interface Panel {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

const WIDTH = 320;
const HEIGHT = 260;
const MARGIN = { left: 46, right: 16, top: 34, bottom: 44 };
const INNER = {
  width: WIDTH - MARGIN.left - MARGIN.right,
  height: HEIGHT - MARGIN.top - MARGIN.bottom,
};

/** Readable on a light and on a dark page; blue and orange differ for colour-blind eyes too, and lines are named. */
const STYLE = `
  text { font: 11px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 12px }
  .axis { stroke: #8c959f; fill: none }
  .grid { stroke: #d0d7de; stroke-dasharray: 2 3 }
  .line { fill: none; stroke-width: 2 }
  .l0 { stroke: #0969da } .d0 { fill: #0969da }
  .l1 { stroke: #bc4c00 } .d1 { fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .grid { stroke: #30363d }
    .l0 { stroke: #58a6ff } .d0 { fill: #58a6ff }
    .l1 { stroke: #f0883e } .d1 { fill: #f0883e }
  }
`;

/** Panels side by side, as one SVG document. */
export function drawPanels(panels: readonly Panel[]): string {
  const width = WIDTH * panels.length;
  const label = panels.map(({ title }) => title).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${escape(label)}">`,
    `<style>${STYLE}</style>`,
    ...panels.map((panel, i) => `<g transform="translate(${i * WIDTH} 0)">${draw(panel)}</g>`),
    '</svg>',
    '',
  ].join('\n');
}

function draw({ title, xTitle, yTitle, lines }: Panel): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = [...new Set(all.map(([x]) => x))].toSorted((a, b) => a - b);
  const [low, high] = [Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 1)];
  const step = tickStep(Math.max(...all.map(([, y]) => y)));
  const top = Math.ceil(Math.max(...all.map(([, y]) => y)) / step) * step;
  const px = (x: number): number =>
    round(MARGIN.left + (high > low ? (Math.log(x) - low) / (high - low) : 0.5) * INNER.width);
  const py = (y: number): number => round(MARGIN.top + (1 - y / top) * INNER.height);
  const [left, right, bottom] = [MARGIN.left, MARGIN.left + INNER.width, py(0)];
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return [
    text(left, 16, title, 'start', 'title'),
    ...ticks.map((y) => `<path class="grid" d="M${left} ${py(y)}H${right}"/>`),
    ...ticks.map((y) => text(left - 6, py(y) + 4, String(Number(y.toPrecision(3))), 'end')),
    `<path class="axis" d="M${left} ${MARGIN.top}V${bottom}H${right}"/>`,
    ...xs.map((x) => text(px(x), bottom + 15, shortNumber(x), 'middle')),
    text(left + INNER.width / 2, bottom + 32, xTitle, 'middle'),
    `<text transform="translate(11 ${MARGIN.top + INNER.height / 2}) rotate(-90)" text-anchor="middle">${escape(yTitle)}</text>`,
    ...lines.map(({ name, points }, i) => {
      const path = points.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${px(x)} ${py(y)}`).join('');
      const [endX, endY] = points.at(-1) ?? [1, 0];
      return [
        `<path class="line l${i}" d="${path}"/>`,
        ...points.map(([x, y]) => `<circle class="d${i}" cx="${px(x)}" cy="${py(y)}" r="3"/>`),
        text(px(endX), py(endY) - 8, name, 'end'),
      ].join('');
    }),
  ].join('\n');
}

/** 1, 2 or 5 times a power of ten: three to six ticks up to `max`. */
function tickStep(max: number): number {
  const power = 10 ** Math.floor(Math.log10(max / 3));
  return power * ([1, 2, 5, 10].find((factor) => max / (power * factor) <= 5) ?? 10);
}

function text(x: number, y: number, content: string, anchor: string, cssClass = ''): string {
  const attribute = cssClass === '' ? '' : ` class="${cssClass}"`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${attribute}>${escape(content)}</text>`;
}

function shortNumber(x: number): string {
  return x >= 1_000 ? `${x / 1_000}k` : String(x);
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
