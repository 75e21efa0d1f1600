import type { CursorSample } from '../watch/redis-watch.ts';
import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

/**
 * I13, as far as it can be seen from outside: the fence of a cursor only grows, and under one fence a walk never goes
 * back. That nothing before a cursor was passed over is I1, for all mail that no notification announced.
 */
export function cursors({ watched }: Evidence): Finding {
  const about = 'a cursor is moved by its latest walker only';
  const last = new Map<string, CursorSample>();
  const back: string[] = [];
  let moves = 0;
  for (const { cursors: seen } of watched.redis) {
    for (const cursor of seen) {
      const before = last.get(cursor.folder);
      last.set(cursor.folder, cursor);
      if (!before || (before.fence === cursor.fence && before.link === cursor.link)) continue;
      moves += 1;
      const [was, is] = [positionOf(before.link), positionOf(cursor.link)];
      const sameWalk = was?.lineage === is?.lineage;
      if (was && is && sameWalk && is.position < was.position) {
        back.push(`${cursor.folder}: position ${is.position} after ${was.position}`);
      } else if (cursor.fence < before.fence) {
        back.push(`${cursor.folder}: fence ${cursor.fence} after ${before.fence}`);
      }
    }
  }
  if (moves === 0) return unchecked('I13', about, 'no cursor was seen to move');
  return judged({ id: 'I13', about, value: `${moves} moves seen, ${back.length} back` }, back);
}

/** The simulator's token has the walk and the position in clear, behind ten characters of signature. */
function positionOf(link: string): { lineage: string; position: number } | undefined {
  const token = /\$(?:delta|skip)token=([\w-]+)/.exec(decodeURIComponent(link))?.[1];
  try {
    const text = Buffer.from((token ?? '').slice(10), 'base64url').toString('utf8');
    const [lineage, , position] = JSON.parse(text) as [string, number, number];
    return { lineage, position };
  } catch {
    return undefined;
  }
}
