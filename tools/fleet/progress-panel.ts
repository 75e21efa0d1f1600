import type { styleText } from 'node:util';

import type { QueueDepth } from './console-client.ts';
import { depthOf, duration, finalOf, number, type Progress, secondsLeft } from './progress.ts';

type Style = typeof styleText;

const BAR_MAX = 48;
const QUEUE_BAR_MAX = 24;
/** Eighths of a cell, so that the bar moves smoothly. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** The live picture of a session: a bar, the figures, and how full each queue is. */
export function progressPanel(
  progress: Progress,
  columns: number | undefined,
  style: Style,
): string {
  const { planned, injected, delivered, skipped, dead, queues, perSecond, elapsedMs } = progress;
  const width = Math.max(10, Math.min(BAR_MAX, (columns ?? 80) - 32));
  const final = finalOf(progress);
  const share = planned === 0 ? 0 : final / planned;
  const left = secondsLeft(progress);
  const eta = left === undefined ? '' : left === 0 ? 'checking' : `${duration(left)} left`;
  const figures = [
    `${style('green', number(delivered))} delivered`,
    ...(skipped > 0 ? [`${style('yellow', number(skipped))} skipped`] : []),
    ...(dead > 0 ? [`${style('red', number(dead))} dead`] : []),
    `${style('cyan', number(injected))} of ${number(planned)} in the mailboxes`,
  ];
  return [
    '',
    `  ${style('green', bar(share, width))} ${String(Math.floor(share * 100)).padStart(3)} %  ${style('bold', `${number(Math.round(perSecond))}/s`)}  ${style('dim', eta)}`,
    `  ${figures.join(style('dim', ' · '))}${style('dim', `   ${duration(elapsedMs / 1_000)}`)}`,
    '',
    ...queues.map((queue) => `  ${queueLine(queue, queues, style)}`),
    '',
  ].join('\n');
}

function queueLine(queue: QueueDepth, queues: readonly QueueDepth[], style: Style): string {
  const depth = depthOf(queue);
  const scale = Math.max(100, ...queues.map(depthOf));
  const failed = queue.failed > 0 ? style('red', `  ${number(queue.failed)} failed`) : '';
  const line = bar(depth / scale, QUEUE_BAR_MAX, ' ');
  return `${style('dim', queue.name.padEnd(10))} ${style('blue', line)} ${number(depth).padStart(7)}${failed}`;
}

function bar(share: number, width: number, empty = '·'): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  const full = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return full + empty.repeat(Math.max(0, width - full.length));
}
