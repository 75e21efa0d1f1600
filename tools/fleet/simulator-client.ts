import { callJson } from './call-json.ts';

/** What the simulator says about itself (`GET /control/status`). */
export interface SimulatorStatus {
  tenantId: string;
  mailboxes: { id: string; address: string }[];
  injected: number;
  stored: number;
  graph: { httpRequests: number; quotaUnits: number; subscriptions: number };
  ms4: { requests: number };
}

/** A plan of messages to appear in mailboxes, and how far it is. */
export interface Injection {
  plan: string;
  planned: number;
  injected: number;
  done: boolean;
}

export interface InjectRequest {
  messages: number;
  mailboxes: number;
  seed: number;
  /** share that is announced by a notification; the rest is left for delta to find */
  announced: number;
  /** how fast they appear; the simulator's default is 2,000 */
  perSecond?: number;
}

/** The control API of the simulator. */
export class SimulatorClient {
  readonly baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.baseUrl = baseUrl;
    this.#token = token;
  }

  /** A page with a button for each fault. A browser sends what is behind the `#` to nobody. */
  get pageUrl(): string {
    return `${this.baseUrl}/#${this.#token}`;
  }

  status(signal?: AbortSignal): Promise<SimulatorStatus> {
    return this.#call('GET', '/control/status', signal);
  }

  injection(signal?: AbortSignal): Promise<Injection> {
    return this.#call('GET', '/control/inject', signal);
  }

  /** Idempotent: a message of a seed is injected once for ever. */
  inject(request: InjectRequest, signal?: AbortSignal): Promise<Injection> {
    return this.#call('POST', '/control/inject', signal, request);
  }

  #call<T>(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal | undefined,
    body?: object,
  ): Promise<T> {
    return callJson<T>(`${this.baseUrl}${path}`, {
      method,
      token: this.#token,
      ...(body ? { body } : {}),
      ...(signal ? { signal } : {}),
    });
  }
}
