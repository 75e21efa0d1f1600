/** The part of a V8 CPU profile (`.cpuprofile`) that a summary needs. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  /** us of the machine's monotonic clock */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** us between samples */
  readonly timeDeltas: readonly number[];
}

const TOP = 30;

/**
 * Time of its own by package and by function, as shares of the time that was not idle.
 *
 * @param since us of the monotonic clock; what was before is left out
 */
export function summarizeProfile(
  { nodes, samples, startTime, timeDeltas }: CpuProfile,
  what: string,
  since: number,
): string {
  const self = new Map<number, number>();
  let at = startTime;
  for (const [i, id] of samples.entries()) {
    const delta = timeDeltas[i] ?? 0;
    at += delta;
    if (at >= since) self.set(id, (self.get(id) ?? 0) + delta);
  }
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  let busy = 0;
  for (const { id, callFrame } of nodes) {
    const time = self.get(id) ?? 0;
    const { functionName, url, lineNumber } = callFrame;
    if (functionName === '(idle)' || functionName === '(root)' || time === 0) continue;
    busy += time;
    const place = placeOf(url, functionName);
    const name = `${functionName || '(anonymous)'}  ${shortUrl(url)}${url === '' ? '' : `:${lineNumber + 1}`}`;
    byPlace.set(place, (byPlace.get(place) ?? 0) + time);
    byFunction.set(name, (byFunction.get(name) ?? 0) + time);
  }
  const list = (title: string, times: Map<string, number>): string[] => [
    `${title}:`,
    ...[...times]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, TOP)
      .map(([name, time]) => `  ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`),
  ];
  return [
    `${what}: ${(busy / 1e6).toFixed(2)} s busy`,
    ...list('by place', byPlace),
    ...list('by function', byFunction),
  ].join('\n');
}

/** A package, a workspace of ours, Node's own, or what V8 does by itself. */
function placeOf(url: string, functionName: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return dependency ?? /\/((?:apps|packages)\/[^/]+)\//.exec(url)?.[1] ?? url;
}

function shortUrl(url: string): string {
  return url.replace(/^.*\/(node_modules|apps|packages)\//, '$1/');
}
