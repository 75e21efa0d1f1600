import type { Overview } from '@ms1/console-api';
import { computed, signal } from '@preact/signals';

/** The last overview that arrived; undefined before the first. */
export const overview = signal<Overview>();

/** live: events arrive. waiting: none yet, or the line broke. blind: the console is there and Redis is not. */
export const line = signal<'waiting' | 'live' | 'blind'>('waiting');

const now = signal(Date.now());
/** ms by which this machine's clock is ahead of the console's: ages are told by the console's. */
let ahead = 0;

/** ms since the epoch at the console, a second at a time. */
export const consoleNow = computed(() => now.value - ahead);

/** ms without an event after which the numbers are old: three looks. */
const SILENT_MS = 4_000;
/** ms before a line that the browser has given up is opened again. */
const REOPEN_MS = 5_000;

/** Watches the service for as long as somebody can see the page. */
export function watchOverview(): void {
  let source: EventSource | undefined;
  let heardAt = 0;
  let reopen = 0;
  const close = (): void => {
    clearTimeout(reopen);
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    close();
    source = new EventSource('/api/events');
    source.addEventListener('overview', ({ data }: MessageEvent<string>) => {
      const arrived = JSON.parse(data) as Overview;
      heardAt = Date.now();
      ahead = heardAt - Date.parse(arrived.at);
      now.value = heardAt;
      overview.value = arrived;
      line.value = 'live';
    });
    source.addEventListener('trouble', () => {
      line.value = 'blind';
    });
    source.addEventListener('error', () => {
      if (line.value === 'live') line.value = 'waiting';
      // Refused (too many pages, a login that ended): the browser does not try again by itself.
      if (source?.readyState === EventSource.CLOSED) reopen = setTimeout(open, REOPEN_MS);
    });
  };
  // A browser keeps six connections to a console: pages in the background give theirs back.
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  if (!document.hidden) open();
  setInterval(() => {
    now.value = Date.now();
    if (line.value === 'live' && Date.now() - heardAt > SILENT_MS) line.value = 'waiting';
  }, 1_000);
}
