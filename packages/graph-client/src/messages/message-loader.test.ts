import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';

import {
  GraphRequestError,
  GraphThrottledError,
  GraphTransientError,
} from '../errors/graph-error.ts';
import type { CallPlan, Governor } from '../governor/governor.ts';
import type { GraphApi } from '../http/graph-api.ts';
import { MessageLoader } from './message-loader.ts';

interface Sent {
  ids: string[];
  signal: AbortSignal | undefined;
  answer: () => void;
  fail: (error: Error) => void;
}

const refs = (from: number, count: number, mailboxId = 'a') =>
  Array.from({ length: count }, (_, n) => ({ mailboxId, messageId: `${from + n}` }));

/** Requests that stay open until they are answered, one at a time a mailbox; `grant` says how many each may make. */
function setup(grant: (plan: CallPlan) => number = ({ requests = 1 }) => requests) {
  const sent: Sent[] = [];
  const plans: CallPlan[] = [];
  const send = async (ids: string[], signal?: AbortSignal): Promise<void> => {
    const answered = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => answered.reject(signal.reason));
    sent.push({ ids, signal, answer: answered.resolve, fail: answered.reject });
    await answered.promise;
  };
  const call: GraphApi['call'] = (path, { signal }, ask) => {
    const request = {
      get: async () => {
        await send([path], signal);
        return path;
      },
      post: async ({ requests }: { requests: { id: string; url: string }[] }) => {
        await send(
          requests.map(({ url }) => url),
          signal,
        );
        return { responses: requests.map(({ id, url }) => ({ id, status: 200, body: url })) };
      },
    };
    return ask(request as unknown as Parameters<typeof ask>[0]);
  };
  const governor: Governor = {
    run: async (plan, made) => {
      if (plan) plans.push(plan);
      return made({ probe: false, requests: plan ? grant(plan) : 1 });
    },
    hold: async () => undefined,
  };
  const newLoader = () =>
    new MessageLoader(
      () => ({ api: { call } as GraphApi, governor }),
      () => 7,
      {
        kind: 'message',
        pathOf: ({ messageId }) => messageId,
      },
    );
  return { sent, plans, governor, newLoader };
}

const bodies = (results: readonly object[]) =>
  results.map((result) => ('body' in result ? result.body : 'failed'));
const ids = (from: number, count: number) => refs(from, count).map(({ messageId }) => messageId);

/** Answers whatever is sent, until all is read. */
async function answerAll<T>(sent: readonly Sent[], results: Promise<T>): Promise<T> {
  let done = false;
  const finished = results.finally(() => {
    done = true;
  });
  while (!done) {
    for (const { answer } of sent) answer();
    await turn();
  }
  return finished;
}

describe('MessageLoader', () => {
  test('asks for each alone where a $batch was refused as a whole, so that one costs no other', async () => {
    const { sent, newLoader } = setup();
    const results = newLoader().load(refs(0, 5));
    await turn();
    await turn();
    const refused = new GraphRequestError('refuses the request', { status: 400 });
    sent[0]?.fail(refused);
    let done = false;
    const finished = results.finally(() => {
      done = true;
    });
    while (!done) {
      for (const one of sent.slice(1)) {
        if (one.ids[0] === '3') one.fail(refused);
        else one.answer();
      }
      await turn();
    }
    expect(sent.map((one) => one.ids)).toEqual([ids(0, 5), ['0'], ['1'], ['2'], ['3'], ['4']]);
    expect(bodies(await finished)).toEqual(['0', '1', '2', 'failed', '4']);
  });

  test('says that a mailbox can be read when a message of it was, not when Graph only answered', async () => {
    const { sent, plans, newLoader } = setup();
    await answerAll(sent, newLoader().load(refs(0, 2)));
    const refused = { ok: false, error: new GraphTransientError('', { status: 500 }) };
    expect(plans[0]?.isServed?.([refused, refused])).toBe(false);
    expect(plans[0]?.isServed?.([refused, { ok: true, body: {} }])).toBe(true);
  });

  test('sends what is asked for while a request is under way in the next one, full', async () => {
    const { sent, newLoader } = setup();
    const loader = newLoader();
    const first = loader.load(refs(0, 5));
    await turn();
    await turn();
    const others = [5, 10, 15, 20].map((from) => loader.load(refs(from, 5)));
    await answerAll(sent, Promise.all([first, ...others]));
    expect(sent.map((one) => one.ids.length)).toEqual([5, 20]);
    expect(bodies(await first)).toEqual(ids(0, 5));
    expect(bodies((await others[3]) ?? [])).toEqual(ids(20, 5));
  });

  test('control: those who do not know of one another send a request each', async () => {
    const { sent, newLoader } = setup();
    const results = [0, 5, 10, 15, 20].map((from) => newLoader().load(refs(from, 5)));
    await answerAll(sent, Promise.all(results));
    expect(sent.map((one) => one.ids.length)).toEqual([5, 5, 5, 5, 5]);
  });

  test('mailboxes do not wait for one another, nor live mail for backfill', async () => {
    const { sent, newLoader } = setup();
    const backfill = refs(2, 1).map((ref) => ({ ...ref, priority: 'backfill' as const }));
    void newLoader().load([...refs(0, 1), ...refs(1, 1, 'b'), ...backfill]);
    await turn();
    await turn();
    expect(sent.map((one) => one.ids)).toEqual([['0'], ['1'], ['2']]);
  });

  test('makes as many requests as are granted, and then waits for all that it wants', async () => {
    const { sent, plans, newLoader } = setup(({ least, requests = 1 }) =>
      least === 1 ? 3 : requests,
    );
    expect(bodies(await answerAll(sent, newLoader().load(refs(0, 20))))).toEqual(ids(0, 20));
    expect(sent.map((one) => one.ids)).toEqual([ids(0, 3), ids(3, 17)]);
    expect(plans.map(({ requests, least }) => [requests, least])).toEqual([
      [20, 1],
      [17, undefined],
    ]);
  });

  test('says since when the first of them has waited', async () => {
    const { sent, plans, newLoader } = setup();
    await answerAll(sent, newLoader().load(refs(0, 1)));
    expect(plans).toMatchObject([{ since: 7 }]);
  });

  test('who does not want it any more takes nothing from the others', async () => {
    const { sent, newLoader } = setup();
    const loader = newLoader();
    const stop = new AbortController();
    const stopped = loader.load(refs(0, 2), stop.signal);
    const other = loader.load(refs(2, 2));
    await turn();
    await turn();
    const late = loader.load(refs(4, 2), stop.signal);
    stop.abort(new Error('stopping'));
    await expect(stopped).rejects.toThrow('stopping');
    await expect(late).rejects.toThrow('stopping');
    expect(bodies(await answerAll(sent, other))).toEqual(ids(2, 2));
    expect(sent.map((one) => one.ids)).toEqual([ids(0, 4)]);
  });

  test('a request that nobody waits for is stopped, and the next one is not', async () => {
    const { sent, newLoader } = setup();
    const loader = newLoader();
    const stop = new AbortController();
    const stopped = loader.load(refs(0, 2), stop.signal);
    await turn();
    await turn();
    stop.abort(new Error('stopping'));
    const next = loader.load(refs(2, 2));
    await expect(stopped).rejects.toThrow('stopping');
    expect(sent[0]?.signal?.aborted).toBe(true);
    expect(bodies(await answerAll(sent, next))).toEqual(ids(2, 2));
  });

  test('what is refused without a request refuses a $batch, and the rest is asked for by itself', async () => {
    const { sent, newLoader } = setup((plan) => {
      if (plan.requests === 20) throw new GraphThrottledError('', { status: null });
      return plan.requests ?? 1;
    });
    const results = await answerAll(sent, newLoader().load(refs(0, 25)));
    expect(bodies(results)).toEqual([...Array.from({ length: 20 }, () => 'failed'), ...ids(20, 5)]);
  });

  test('what is tried again and may make fewer requests then leaves nothing behind', async () => {
    const { sent, governor, newLoader } = setup();
    // As the policy around the governor: once more, after others had their turn, and with two permits.
    governor.run = async (plan, made) => {
      const requests = plan?.requests ?? 1;
      if (sent.length > 1) return made({ probe: false, requests });
      const first = made({ probe: false, requests });
      sent[0]?.fail(new GraphTransientError('', { status: 502 }));
      await first.catch(() => undefined);
      for (let n = 0; n < 5; n += 1) await turn();
      return made({ probe: false, requests: 2 });
    };
    expect(bodies(await answerAll(sent, newLoader().load(refs(0, 20))))).toEqual(ids(0, 20));
    expect(sent.map((one) => one.ids)).toEqual([ids(0, 20), ids(0, 2), ids(2, 18)]);
  });

  test('an error that is not Graph’s is nobody’s outcome', async () => {
    const { newLoader } = setup(() => {
      throw new TypeError('broken');
    });
    await expect(newLoader().load(refs(0, 3))).rejects.toThrow('broken');
  });
});
