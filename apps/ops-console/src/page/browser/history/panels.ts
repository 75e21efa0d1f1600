import type { Bucket, Figure, History } from '../state/history.ts';
import { duration, number, slowRate } from '../words.ts';

/** Figures of one kind, which share a scale. */
export interface Panel {
  title: string;
  /** the first is drawn the strongest */
  series: readonly { figure: Figure; name: string }[];
  /** the scale ends here at least */
  least: number;
  spell: (value: number) => string;
}

export const PANELS: readonly Panel[] = [
  {
    title: 'Messages',
    series: [
      { figure: 'delivered', name: 'delivered' },
      { figure: 'noticed', name: 'noticed' },
      { figure: 'prepared', name: 'prepared' },
    ],
    least: 0.1,
    spell: slowRate,
  },
  {
    title: 'Waiting',
    series: [
      { figure: 'inbound', name: 'inbound' },
      { figure: 'outbound', name: 'outbound' },
    ],
    least: 10,
    spell: number,
  },
  {
    title: 'Freshness',
    series: [{ figure: 'walkedSecondsAgo', name: 'longest since a mailbox was walked' }],
    least: 60,
    spell: duration,
  },
  {
    title: 'Dead letters',
    series: [{ figure: 'deadLetters', name: 'dead letters' }],
    least: 10,
    spell: number,
  },
];

/** A dash where nobody looked. */
export function figureOf({ spell }: Panel, value: number | null): string {
  return value === null ? '–' : spell(value);
}

/** When a bucket began, as long as the range needs it. */
export function momentIn(range: History['range'], at: string): string {
  const moment = new Date(at);
  if (range === 'hour') return moment.toLocaleTimeString('en-GB');
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  if (range === 'day') return moment.toLocaleTimeString('en-GB', time);
  return moment.toLocaleString('en-GB', { day: 'numeric', month: 'short', ...time });
}

/** Whether a console looked at all. */
export const wasSeen = ({ deadLetters }: Bucket): boolean => deadLetters !== null;
