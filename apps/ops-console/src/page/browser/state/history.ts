import type { AnswerOf } from '@ms1/console-api';
import { signal } from '@preact/signals';

import { callApi } from './call-api.ts';

export type History = AnswerOf<'GET /history'>;
export type Bucket = History['buckets'][number];
export type Figure = Exclude<keyof Bucket, 'at'>;

export const range = signal<History['range']>('hour');

export const history = signal<{
  /** undefined: not known yet */
  shown: History | undefined;
  /** why there is no answer, or no new one */
  trouble: string | undefined;
}>({ shown: undefined, trouble: undefined });

/** The beginning of the bucket whose figures are told; undefined: the latest. */
export const pointed = signal<string>();

/** Reads the range that is chosen, unless another one was chosen meanwhile. */
export async function loadHistory(): Promise<void> {
  const mine = range.value;
  const answer = await callApi('GET /history', { query: { range: mine } });
  if (mine !== range.value) return;
  history.value = answer.ok
    ? { shown: answer.body, trouble: undefined }
    : { ...history.value, trouble: answer.why };
}

export function chooseRange(chosen: History['range']): void {
  range.value = chosen;
  pointed.value = undefined;
  history.value = { shown: undefined, trouble: undefined };
  void loadHistory();
}
