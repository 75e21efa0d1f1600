import type { AnswerOf, CallName, RequestOf } from '@ms1/console-api';
import { useEffect, useState } from 'preact/hooks';

import { type Answer, callApi } from './call-api.ts';

/**
 * What the API answers, asked for anew in intervals while it is shown.
 *
 * @param waitFor ms until the next question, by the answer; null: it stands
 */
export function useAnswer<K extends CallName>(
  name: K,
  params: RequestOf<K>['params'],
  waitFor: (answer: Answer<AnswerOf<K>>) => number | null,
): { answer: Answer<AnswerOf<K>> | undefined; ask: () => void } {
  const [answer, setAnswer] = useState<Answer<AnswerOf<K>>>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let timer = 0;
    let isShown = true;
    const look = async (): Promise<void> => {
      const answered = await callApi(name, { params } as RequestOf<K>);
      if (!isShown) return;
      setAnswer(answered);
      const wait = waitFor(answered);
      if (wait !== null) timer = setTimeout(() => setTurn(turn + 1), wait);
    };
    void look();
    return () => {
      isShown = false;
      clearTimeout(timer);
    };
  }, [turn]);
  return { answer, ask: () => setTurn(turn + 1) };
}
