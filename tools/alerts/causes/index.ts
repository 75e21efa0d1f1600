import type { AlertCause } from '../alert-cause.ts';
import { BACKLOG, INSIDE } from './inside.ts';
import { OUTSIDE } from './outside.ts';

/** Which the others would feel. Graph sends nothing for a while to a webhook that was slow or flooded. */
const LATE = ['no-console', 'quota', 'ms4-down', 'slow-webhook', 'flooded-webhook'];

const all = [...OUTSIDE, ...INSIDE];

/** One after the other, but for the slow ones, which are beside these. */
export const FIRST: readonly AlertCause[] = all.filter(({ name }) => !LATE.includes(name));

/** When those are over. */
export const LAST: readonly AlertCause[] = [
  ...LATE.flatMap((name) => all.filter((cause) => cause.name === name)),
  BACKLOG,
];
