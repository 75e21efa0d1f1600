import type { Dashboard, Panel } from './dashboards.ts';

/** Grafana's grid is 24 wide. */
const WIDTH = 12;
const HEIGHT = 8;

/** A dashboard as Grafana 10 and later read it from a file. Its data source is chosen in it: any Prometheus. */
export function renderDashboard({ name, title, panels }: Dashboard): string {
  const datasource = { type: 'prometheus', uid: '${datasource}' };
  const panelOf = ({ title: heading, about, unit, shows, kind }: Panel, index: number) => ({
    id: index + 1,
    type: kind ?? 'timeseries',
    title: heading,
    description: about,
    datasource,
    gridPos: {
      x: (index % 2) * WIDTH,
      y: Math.floor(index / 2) * HEIGHT,
      w: WIDTH,
      h: HEIGHT,
    },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: Object.entries(shows).map(([legendFormat, expr], target) => ({
      refId: String.fromCodePoint(65 + target),
      datasource,
      expr,
      legendFormat,
    })),
  });
  const dashboard = {
    uid: `ms1-${name}`,
    title,
    tags: ['ms1'],
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    schemaVersion: 38,
    templating: {
      list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }],
    },
    links: [{ type: 'dashboards', title: 'ms1', tags: ['ms1'], asDropdown: true }],
    panels: panels.map(panelOf),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
