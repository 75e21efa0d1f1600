import type { Problem } from '@ms1/contracts';

import type { AnswerOf, CallName, ListName, RequestOf } from './routes.ts';

/** The console refused a request, or did not answer. The message is for the person at the terminal. */
export class ConsoleApiError extends Error {
  readonly code = 'console_api';
  /** HTTP status; null: no answer at all */
  readonly status: number | null;
  /** what the console answered; null when it was no problem details */
  readonly problem: Problem | null;

  constructor(
    message: string,
    status: number | null,
    options: ErrorOptions & { problem?: Problem | null } = {},
  ) {
    super(message, options);
    this.name = 'ConsoleApiError';
    this.status = status;
    this.problem = options.problem ?? null;
  }
}

export interface ConsoleClientOptions {
  baseUrl: string;
  token: string;
  /** who acts, for the operator log */
  operator?: string;
  /** a key for each write, under which the console does it once however often it is sent */
  newKey: () => string;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** ms; default 30000 */
  timeoutMs?: number;
}

type Values = Readonly<Record<string, string | number | undefined>>;
type Call<K extends CallName> = RequestOf<K> & { signal?: AbortSignal | undefined };
/** Nothing has to be said where nothing is needed. */
type Rest<K extends CallName> = Partial<RequestOf<K>> extends RequestOf<K> ? [Call<K>?] : [Call<K>];

/** Entries of a list that are asked for at once: the most that the console gives. */
const PAGE = 500;

/** A client of ops-console's API, typed by its route table. */
export class ConsoleClient {
  readonly #options: ConsoleClientOptions;

  constructor(options: ConsoleClientOptions) {
    this.#options = options;
  }

  /** @throws {ConsoleApiError} */
  async call<K extends CallName>(name: K, ...[request]: Rest<K>): Promise<AnswerOf<K>> {
    const { body, signal } = { ...request } as { body?: object; signal?: AbortSignal };
    const [method, path] = addressOf(name, request);
    return (await this.#send(method, path, body, signal)).body as AnswerOf<K>;
  }

  /**
   * The first entries of a list, following its pages.
   *
   * @throws {ConsoleApiError}
   */
  async list<K extends ListName>(
    name: K,
    request: { query?: RequestOf<K>['query'] } = {},
    most = PAGE,
  ): Promise<AnswerOf<K>> {
    const found: unknown[] = [];
    for await (const page of this.pages(name, request, most)) {
      found.push(...(page as unknown[]));
    }
    return found as AnswerOf<K>;
  }

  /**
   * The same page by page, for what is not kept.
   *
   * @throws {ConsoleApiError}
   */
  async *pages<K extends ListName>(
    name: K,
    request: { query?: RequestOf<K>['query'] } = {},
    most = PAGE,
  ): AsyncGenerator<AnswerOf<K>> {
    const limit = Math.min(PAGE, Math.max(1, most));
    let left = most;
    let next: string | null = addressOf(name, { query: { ...request.query, limit } })[1];
    while (next !== null && left > 0) {
      const { body, headers }: Answer = await this.#send('GET', next);
      const page = (body as unknown[]).slice(0, left);
      left -= page.length;
      yield page as AnswerOf<K>;
      next = nextOf(headers);
    }
  }

  async #send(
    method: string,
    path: string,
    body: object = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { baseUrl, timeoutMs = 30_000 } = this.#options;
    const signals = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
    const send = this.#options.fetch ?? fetch;
    const response = await send(`${baseUrl.replace(/\/$/, '')}/api${path}`, {
      method,
      redirect: 'error',
      signal: AbortSignal.any(signals),
      headers: this.#headers(method),
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw cause;
      const hint = 'is ops-console running, and is OPS_CONSOLE_URL right?';
      throw new ConsoleApiError(`${baseUrl} does not answer: ${hint}`, null, { cause });
    });
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok || answer === null) throw refusal(response.status, answer);
    return { body: answer, headers: response.headers };
  }

  #headers(method: string): Record<string, string> {
    const { token, operator, newKey } = this.#options;
    return {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(operator !== undefined && { 'x-ms1-operator': operator }),
      ...(method !== 'GET' && {
        'content-type': 'application/json',
        'idempotency-key': newKey(),
      }),
    };
  }
}

interface Answer {
  body: unknown;
  headers: Headers;
}

/** Method, and the path below `/api` with what stands in it and after it. */
function addressOf(
  name: string,
  { params = {}, query = {} }: { params?: Values; query?: Values } = {},
): [string, string] {
  const [method = '', template = ''] = name.split(' ');
  const path = template.replaceAll(/:(\w+)/g, (_, param: string) =>
    encodeURIComponent(String(params[param])),
  );
  const told = Object.entries(query).flatMap(([key, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[key, String(value)]],
  );
  const search = new URLSearchParams(told).toString();
  return [method, search === '' ? path : `${path}?${search}`];
}

/** Where the next page of a list is, below /api; null after the last one. Only a path is taken: it goes to the same console. */
function nextOf(headers: Headers): string | null {
  return (
    /<(?:https?:\/\/[^/>]+)?\/api(\/[^>]*)>\s*;\s*rel="?next"?/.exec(
      headers.get('link') ?? '',
    )?.[1] ?? null
  );
}

function refusal(status: number, body: unknown): ConsoleApiError {
  const isProblem = typeof body === 'object' && body !== null && 'title' in body;
  const problem = isProblem ? (body as Problem) : null;
  const where = (problem?.errors ?? []).map(({ pointer, detail, code }) =>
    `${pointer} ${detail ?? code ?? ''}`.trim(),
  );
  const title = problem?.title ?? 'the console answered something unexpected';
  return new ConsoleApiError([`${title} (${status})`, ...where].join('; '), status, { problem });
}
