import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { DASHBOARDS, type Dashboard, type Panel } from '../../ops/grafana/dashboards.ts';
import type { RunningPrometheus } from '../prometheus/start-prometheus.ts';
import { type DrawnPanel, drawDashboard } from './draw-dashboard.ts';
import { scaleWindows } from './scale-rules.ts';

/** Points of a line; a panel is 480 wide. */
const POINTS = 160;

/** Writes a picture of each dashboard, drawn from what a Prometheus saw between two times (ms). */
export async function drawDashboards(
  prometheus: Pick<RunningPrometheus, 'range'>,
  { from, to }: { from: number; to: number },
  folder: string,
): Promise<void> {
  for (const dashboard of DASHBOARDS) {
    const panels: DrawnPanel[] = [];
    for (const panel of dashboard.panels) panels.push(await readPanel(prometheus, panel, from, to));
    writeFileSync(
      join(folder, fileOf(dashboard)),
      drawDashboard(dashboard.title, panels, from, to),
    );
  }
}

const fileOf = ({ name }: Dashboard): string => `dashboard-${name}.svg`;

async function readPanel(
  { range }: Pick<RunningPrometheus, 'range'>,
  panel: Panel,
  from: number,
  to: number,
): Promise<DrawnPanel> {
  const [start, end] = [from / 1_000, to / 1_000];
  const found = await Promise.all(
    Object.entries(panel.shows).map(async ([legend, expr]) => {
      // As Grafana chooses it, at the least four looks; windows in hours are as short as the rules' here.
      const asked = scaleWindows(expr.replaceAll('$__rate_interval', '10m'));
      const lines = await range(asked, start, end, (end - start) / POINTS);
      return lines.map(({ metric, points }) => ({ label: labelOf(legend, metric), points }));
    }),
  );
  return { ...panel, lines: found.flat() };
}

/** A legend of Grafana with its {{labels}} filled in. */
const labelOf = (legend: string, metric: Readonly<Record<string, string>>): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => metric[name] ?? '').trim();
