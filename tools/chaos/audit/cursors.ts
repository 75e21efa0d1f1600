import type { CursorSample } from '../watch/redis-watch.ts';
import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

/**
 * I13, as far as it can be seen from outside: the fence of a cursor only grows, so nobody has written after a later
 * walker. Where it leads is Graph's word, which may be a step back. That nothing before a cursor was passed over is I1,
 * for all mail that no notification announced.
 */
export function cursors({ watched }: Evidence): Finding {
  const about = 'a cursor is moved by its latest walker only';
  const last = new Map<string, CursorSample>();
  const back: string[] = [];
  let life = '';
  let moves = 0;
  for (const sample of watched.redis) {
    // What is older than what was seen is Redis's doing then.
    if (sample.life !== life) last.clear();
    life = sample.life;
    for (const cursor of sample.cursors) {
      const before = last.get(cursor.folder);
      last.set(cursor.folder, cursor);
      if (!before || (before.fence === cursor.fence && before.link === cursor.link)) continue;
      moves += 1;
      if (cursor.fence < before.fence) {
        back.push(`${cursor.folder}: fence ${cursor.fence} after ${before.fence}`);
      }
    }
  }
  if (moves === 0) return unchecked('I13', about, 'no cursor was seen to move');
  return judged({ id: 'I13', about, value: `${moves} moves seen, ${back.length} back` }, back);
}
