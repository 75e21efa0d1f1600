import { expect, test } from '@jest/globals';

import { drawDashboard } from './draw-dashboard.ts';

const line = (label: string, ...values: number[]) => ({
  label,
  points: values.map((value, at) => [at * 10, value] as const),
});

test('draws each panel with its curves from where they begin to where they end, and says which has no data', () => {
  const svg = drawDashboard(
    'a <fleet>',
    [
      {
        title: 'Waits',
        unit: 's',
        lines: [line('inbound', 0, 50, 100), line('outbound', 1, 1, 1)],
      },
      { title: 'On time', unit: 'percentunit', kind: 'stat', lines: [line('x', 0.5, 0.991)] },
      { title: 'Nothing', unit: 'short', lines: [line('x', Number.NaN)] },
    ],
    0,
    20_000,
  );
  // From the left edge at the bottom to the right one at the top.
  expect(svg).toContain('d="M56.0 140.0L260.0 87.0L464.0 34.0"');
  expect(svg).toContain('>100 s</text>');
  expect(svg).toContain('>99.1 %</text>');
  expect(svg.match(/no data/g)).toHaveLength(1);
  expect(svg).toContain('a &lt;fleet&gt;');
});

test('a line has a gap where there was nothing, and the eighth and later ones are counted', () => {
  const gap = {
    label: 'gap',
    points: [
      [0, 1],
      [10, 1],
      [30, 1],
      [40, 1],
    ] as const,
  };
  const others = Array.from({ length: 8 }, (_, nth) => line(`n${nth}`, 0.5, 0.5, 0.5));
  const svg = drawDashboard(
    'a',
    [{ title: 'b', unit: 'short', lines: [gap, ...others] }],
    0,
    40_000,
  );
  expect(svg).toContain('d="M56.0 34.0L158.0 34.0M362.0 34.0L464.0 34.0"');
  expect(svg).toContain('and 2 more');
});
