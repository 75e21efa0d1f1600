interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
  readonly children?: readonly number[];
}

/** The part of a V8 CPU profile (`.cpuprofile`) that a summary needs. */
export interface CpuProfile {
  /** a tree of calls; the first is its root */
  readonly nodes: readonly ProfileNode[];
  /** us of the machine's monotonic clock */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** us between samples */
  readonly timeDeltas: readonly number[];
}

const TOP = 30;
const IDLE = new Set(['(idle)', '(root)']);

/**
 * Time of its own by package and by function, and time with all that it called by function, as shares of the time that
 * was not idle.
 *
 * @param since us of the monotonic clock; what was before is left out
 */
export function summarizeProfile(profile: CpuProfile, what: string, since: number): string {
  const self = selfTimes(profile, since);
  const busy = [...self.values()].reduce((sum, time) => sum + time, 0);
  const byPlace = new Map<string, number>();
  const byFunction = new Map<string, number>();
  for (const { id, callFrame } of profile.nodes) {
    const time = self.get(id) ?? 0;
    if (time === 0) continue;
    add(byPlace, placeOf(callFrame.url, callFrame.functionName), time);
    add(byFunction, nameOf(callFrame), time);
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
    ...list('by function, with what it calls', totalTimes(profile, self)),
  ].join('\n');
}

/** us in which each node was on top of the stack, the idle ones left out */
function selfTimes(profile: CpuProfile, since: number): Map<number, number> {
  const { nodes, samples, startTime, timeDeltas } = profile;
  const self = new Map<number, number>();
  let at = startTime;
  for (const [i, id] of samples.entries()) {
    const delta = timeDeltas[i] ?? 0;
    at += delta;
    if (at >= since) add(self, id, delta);
  }
  for (const { id, callFrame } of nodes) if (IDLE.has(callFrame.functionName)) self.delete(id);
  return self;
}

/** us in which each function was anywhere on the stack; one that calls itself counts once */
function totalTimes({ nodes }: CpuProfile, self: ReadonlyMap<number, number>): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const totals = new Map<string, number>();
  // Stacks of a profile are at most as deep as those of the program.
  const visit = (node: ProfileNode, above: ReadonlySet<string>): number => {
    const name = nameOf(node.callFrame);
    const within = above.has(name) ? above : new Set(above).add(name);
    let time = self.get(node.id) ?? 0;
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child) time += visit(child, within);
    }
    if (within !== above && time > 0 && node.callFrame.url !== '') add(totals, name, time);
    return time;
  };
  if (nodes[0]) visit(nodes[0], new Set());
  return totals;
}

function add<K>(times: Map<K, number>, key: K, time: number): void {
  times.set(key, (times.get(key) ?? 0) + time);
}

/** A package, a workspace of ours, Node's own, or what V8 does by itself. */
function placeOf(url: string, functionName: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  const dependency = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return dependency ?? /\/((?:apps|packages)\/[^/]+)\//.exec(url)?.[1] ?? url;
}

function nameOf({ functionName, url, lineNumber }: ProfileNode['callFrame']): string {
  const place = url === '' ? '' : `${shortUrl(url)}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}  ${place}`.trimEnd();
}

function shortUrl(url: string): string {
  return url.replace(/^.*\/(node_modules|apps|packages)\//, '$1/');
}
