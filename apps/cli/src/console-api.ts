import type { Problem } from '@ms1/contracts';

/** The console did not do what was asked. The message is for the person at the terminal. */
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

export interface ConsoleApiOptions {
  baseUrl: string;
  token: string;
  /** who acts, for the operator log */
  operator: string;
  /** a key for each write, under which the console does it once however often it is sent */
  newKey: () => string;
  fetch?: typeof fetch;
  /** ms; default 30000 */
  timeoutMs?: number;
}

type Query = Readonly<Record<string, string | number | undefined>>;

interface Request {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** below /api, with the query */
  path: string;
  body?: object;
}

/** Entries of a list that are asked for at once: the most that the console gives. */
const PAGE = 500;

/** The API of ops-console, as far as the commands need it. */
export class ConsoleApi {
  readonly #options: ConsoleApiOptions;

  constructor(options: ConsoleApiOptions) {
    this.#options = options;
  }

  /** @throws {ConsoleApiError} */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.#call({ method: 'GET', path: withQuery(path, query) })).body as T;
  }

  /**
   * The first entries of a list, following its pages.
   *
   * @throws {ConsoleApiError}
   */
  async list<T>(path: string, query: Query = {}, most = PAGE): Promise<T[]> {
    const found: T[] = [];
    const page = { limit: Math.min(PAGE, Math.max(1, most)) };
    let next: string | null = withQuery(path, { ...query, ...page });
    while (next !== null && found.length < most) {
      const { body, headers }: { body: unknown; headers: Headers } = await this.#call({
        method: 'GET',
        path: next,
      });
      found.push(...(body as T[]));
      next = nextOf(headers);
    }
    return found.slice(0, most);
  }

  /** @throws {ConsoleApiError} */
  async send<T>(
    method: Exclude<Request['method'], 'GET'>,
    path: string,
    body: object = {},
  ): Promise<T> {
    return (await this.#call({ method, path, body })).body as T;
  }

  /** @throws {ConsoleApiError} */
  post<T>(path: string, body: object = {}): Promise<T> {
    return this.send('POST', path, body);
  }

  async #call(request: Request): Promise<{ body: unknown; headers: Headers }> {
    const { timeoutMs = 30_000 } = this.#options;
    const response = await this.#fetch(request, AbortSignal.timeout(timeoutMs));
    if (response.status === 204) return { body: null, headers: response.headers };
    if (!response.ok) throw await refusal(response);
    const body: unknown = await response.json().catch(() => null);
    if (body === null) throw await refusal(response);
    return { body, headers: response.headers };
  }

  async #fetch({ method, path, body }: Request, signal: AbortSignal): Promise<Response> {
    const { baseUrl, token, operator, newKey } = this.#options;
    try {
      return await (this.#options.fetch ?? fetch)(`${baseUrl.replace(/\/$/, '')}/api${path}`, {
        method,
        redirect: 'error',
        signal,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          'x-ms1-operator': operator,
          ...(method !== 'GET' && {
            'content-type': 'application/json',
            'idempotency-key': newKey(),
          }),
        },
        ...(body && method !== 'GET' && { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      const hint = 'is ops-console running, and is OPS_CONSOLE_URL right?';
      throw new ConsoleApiError(`${baseUrl} does not answer: ${hint}`, null, { cause });
    }
  }
}

function withQuery(path: string, query: Query): string {
  const told = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(told).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** Where the next page of a list is, below /api; null after the last one. Only a path is taken: it goes to the same console. */
function nextOf(headers: Headers): string | null {
  return (
    /<(?:https?:\/\/[^/>]+)?\/api(\/[^>]*)>\s*;\s*rel="?next"?/.exec(
      headers.get('link') ?? '',
    )?.[1] ?? null
  );
}

async function refusal(response: Response): Promise<ConsoleApiError> {
  const body: unknown = await response.json().catch(() => null);
  const problem = isProblem(body) ? body : null;
  const where = (problem?.errors ?? []).map(({ pointer, detail, code }) =>
    `${pointer} ${detail ?? code ?? ''}`.trim(),
  );
  const title = problem?.title ?? 'the console answered something unexpected';
  const message = [`${title} (${response.status})`, ...where].join('; ');
  return new ConsoleApiError(message, response.status, { problem });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'title' in body;
}
