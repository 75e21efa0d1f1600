import { callJson } from './call-json.ts';

interface SessionCounts {
  queued: number;
  prepared: number;
  delivered: number;
  skipped: number;
  dead: number;
}

/** A session as the ops-console's API gives it. */
export interface Session {
  id: string;
  name: string;
  status: 'open' | 'closing' | 'finished' | 'incomplete' | 'cancelled';
  counts: SessionCounts;
  found: number;
  scans: { done: number; total: number };
}

export interface QueueDepth {
  name: string;
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
}

/** The part of the ops-console's API that a session needs. */
export class ConsoleClient {
  readonly #baseUrl: string;
  readonly #token: string;

  constructor(baseUrl: string, token: string) {
    this.#baseUrl = baseUrl;
    this.#token = token;
  }

  sessions(signal?: AbortSignal): Promise<Session[]> {
    return this.#call('GET', '/api/sessions', signal);
  }

  session(id: string, signal?: AbortSignal): Promise<Session> {
    return this.#call('GET', `/api/sessions/${encodeURIComponent(id)}`, signal);
  }

  create(
    request: { name: string; mailboxes: 'all'; from: string },
    signal?: AbortSignal,
  ): Promise<Session> {
    return this.#call('POST', '/api/sessions', signal, request);
  }

  /** Ends its window: every folder is listed, and what nobody had noticed is put on the queue. */
  close(id: string, signal?: AbortSignal): Promise<Session> {
    return this.#call('POST', `/api/sessions/${encodeURIComponent(id)}/close`, signal);
  }

  queues(signal?: AbortSignal): Promise<QueueDepth[]> {
    return this.#call('GET', '/api/queues', signal);
  }

  #call<T>(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal | undefined,
    body?: object,
  ): Promise<T> {
    return callJson<T>(`${this.#baseUrl}${path}`, {
      method,
      token: this.#token,
      ...(body ? { body } : {}),
      ...(signal ? { signal } : {}),
    });
  }
}
