/** Scripts of BullMQ with which an active job is put elsewhere. */
export const SETTLE_SCRIPTS = [
  'moveToFinished',
  'moveToDelayed',
  'retryJob',
  'moveJobFromActiveToWait',
] as const;

/** Scripts of BullMQ with which a job is added. */
export const ADD_SCRIPTS = ['addStandardJob', 'addDelayedJob', 'addPrioritizedJob'] as const;

/** Not BullMQ's: its row holds only what differs between plain jobs, and becomes addStandardJob's where that is needed. */
export const ADD_PLAIN = 'addPlain';

export type SettleScript = (typeof SETTLE_SCRIPTS)[number];
export type AddScript = (typeof ADD_SCRIPTS)[number] | typeof ADD_PLAIN;
export type RowScript = SettleScript | AddScript;

/** Every row names its script by its place here, so that the plan is small. */
export const ROW_SCRIPTS: readonly RowScript[] = [...SETTLE_SCRIPTS, ...ADD_SCRIPTS, ADD_PLAIN];

export const isAdd = (name: RowScript): boolean =>
  name === ADD_PLAIN || (ADD_SCRIPTS as readonly string[]).includes(name);

/** in Lua, where counting begins at 1 */
export const placeOf = (name: RowScript): number => ROW_SCRIPTS.indexOf(name) + 1;
