import type { ChaosRow } from '../chaos-row.ts';
import { CONTENT } from './content.ts';
import { DEPLOYS } from './deploy.ts';
import { FAILPOINTS } from './failpoints.ts';
import { GRAPH_LINES } from './graph-lines.ts';
import { GRAPH_MAIL } from './graph-mail.ts';
import { GRAPH_PUSH } from './graph-push.ts';
import { GRAPH_REFUSALS } from './graph-refusals.ts';
import { GRAPH_WALKS } from './graph-walks.ts';
import { MS4_ANSWERS } from './ms4-answers.ts';
import { MS4_LINES } from './ms4-lines.ts';
import { MS4_POISON } from './ms4-poison.ts';
import { PROCESS_KILLS } from './process-kills.ts';
import { PROCESS_LIMITS } from './process-limits.ts';
import { PROCESS_POISON } from './process-poison.ts';
import { PROCESS_STOPS } from './process-stops.ts';
import { REDIS_DISK } from './redis-disk.ts';
import { REDIS_LINE } from './redis-line.ts';
import { REDIS_LOSSES } from './redis-losses.ts';
import { REDIS_OUTAGES } from './redis-outages.ts';
import { REDIS_REFUSALS } from './redis-refusals.ts';
import { TIMES } from './time.ts';
import { WEBHOOK_ABUSE } from './webhook-abuse.ts';

/** Every row that one machine can run; each group of them is a file of this folder. */
export const ROWS: readonly ChaosRow[] = [
  ...PROCESS_KILLS,
  ...PROCESS_STOPS,
  ...PROCESS_LIMITS,
  ...PROCESS_POISON,
  ...REDIS_OUTAGES,
  ...REDIS_DISK,
  ...REDIS_LINE,
  ...REDIS_REFUSALS,
  ...REDIS_LOSSES,
  ...GRAPH_REFUSALS,
  ...GRAPH_WALKS,
  ...GRAPH_PUSH,
  ...GRAPH_MAIL,
  ...GRAPH_LINES,
  ...MS4_ANSWERS,
  ...MS4_LINES,
  ...MS4_POISON,
  ...CONTENT,
  ...WEBHOOK_ABUSE,
  ...FAILPOINTS,
  ...DEPLOYS,
  ...TIMES,
];
