import { openServer } from '@ms1/testkit';

import { serve } from '../src/http/serve.ts';
import { Simulator, type SimulatorOptions } from '../src/simulator.ts';

export const TOKEN = 'simulator-token';
export const IMMUTABLE = 'IdType="ImmutableId"';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests read what a foreign service answered, field by field: its shape is what they check.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface StartedSimulator extends AsyncDisposable {
  readonly url: string;
  readonly simulator: Simulator;
  /** `path` may also be a whole URL, as nextLinks are */
  readonly call: (path: string, init?: RequestInit) => Promise<Answer>;
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** the first */
  readonly mailbox: Simulator['tenant']['mailboxes'][number];
  /** does something to a message of that mailbox */
  readonly operate: (operation: object) => Promise<Answer['body']>;
  /** puts a message into it; answers with its id */
  readonly inject: (more?: object) => Promise<string>;
  readonly fault: (name: string, settings?: object) => Promise<Answer>;
}

/** A simulator behind a real port, in this process. */
export async function startSimulator(
  options: Partial<SimulatorOptions> = {},
): Promise<StartedSimulator> {
  const errors: unknown[] = [];
  const simulator = new Simulator({ token: TOKEN, mailboxes: 2, ...options });
  const server = serve((call) => simulator.handle(call), {
    bodyBytesMax: 20_000_000,
    onError: (error) => errors.push(error),
  });
  const open = await openServer(server);
  const url = `http://127.0.0.1:${open.port}`;
  const call: StartedSimulator['call'] = async (path, init = {}) => {
    const response = await fetch(path.startsWith('http') ? path : url + path, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) },
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) };
  };
  const post: StartedSimulator['post'] = (path, body, headers = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const [mailbox] = simulator.tenant.mailboxes;
  if (!mailbox) throw new Error('no mailbox');
  const operate: StartedSimulator['operate'] = async (operation) =>
    (await post(`/control/mailboxes/${mailbox.id}/messages`, operation)).body;
  return {
    url,
    simulator,
    call,
    post,
    mailbox,
    operate,
    inject: async (more) => (await operate({ op: 'inject', ...more })).messageId,
    fault: (name, settings) => post('/control/faults', { name, ...settings }),
    async [Symbol.asyncDispose]() {
      await open[Symbol.asyncDispose]();
      await simulator.close();
      if (errors.length > 0) throw new AggregateError(errors, 'the simulator failed a request');
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
