/** The console did not do what was asked. The message is for the person at the terminal. */
export class ConsoleApiError extends Error {
  readonly code = 'console_api';
  /** HTTP status; null: no answer at all */
  readonly status: number | null;

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConsoleApiError';
    this.status = status;
  }
}

export interface ConsoleApiOptions {
  baseUrl: string;
  token: string;
  /** who acts, for the operator log */
  operator: string;
  fetch?: typeof fetch;
  /** ms; default 30000 */
  timeoutMs?: number;
}

/** The API of ops-console, as far as the commands need it. */
export class ConsoleApi {
  readonly #options: ConsoleApiOptions;

  constructor(options: ConsoleApiOptions) {
    this.#options = options;
  }

  /** @throws {ConsoleApiError} */
  get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> {
    const told = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
    const search = new URLSearchParams(told).toString();
    return this.#call('GET', search === '' ? path : `${path}?${search}`);
  }

  /** @throws {ConsoleApiError} */
  post<T>(path: string, body: object = {}): Promise<T> {
    return this.#call('POST', path, body);
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const { baseUrl, token, operator, timeoutMs = 30_000 } = this.#options;
    let response: Response;
    try {
      response = await (this.#options.fetch ?? fetch)(`${baseUrl.replace(/\/$/, '')}/api${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'x-ms1-operator': operator,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      const hint = 'is ops-console running, and is OPS_CONSOLE_URL right?';
      throw new ConsoleApiError(`${baseUrl} does not answer: ${hint}`, null, { cause });
    }
    const answer = (await response.json().catch(() => null)) as T | Refusal | null;
    if (response.ok && answer !== null) return answer as T;
    throw new ConsoleApiError(
      sentenceOf(answer as Refusal | null, response.status),
      response.status,
    );
  }
}

interface Refusal {
  title?: string;
  errors?: { pointer: string; detail?: string; code?: string }[];
}

function sentenceOf(refusal: Refusal | null, status: number): string {
  const where = (refusal?.errors ?? []).map(({ pointer, detail, code }) =>
    `${pointer} ${detail ?? code ?? ''}`.trim(),
  );
  const title = refusal?.title ?? 'the console answered something unexpected';
  return [`${title} (${status})`, ...where].join('; ');
}
