import type { AnswerOf, CallName, RequestOf } from '@ms1/console-api';

/** What the API answered: its body, or why not in words for people. */
export type Answer<T> =
  | { ok: true; body: T /** cursor of the next page */; next: string | undefined }
  | { ok: false; status: number; why: string };

interface Problem {
  title?: string;
  errors?: { pointer?: string; detail?: string }[];
}

/**
 * Calls the API with the login of this browser. A write carries the header that only a page of the
 * console can send, and a key, so that sending it again does nothing twice.
 *
 * @param name method and path of an endpoint, as the console's contract names it
 */
export async function callApi<K extends CallName>(
  name: K,
  request?: Pick<RequestOf<K>, 'params' | 'query' | 'body'>,
): Promise<Answer<AnswerOf<K>>> {
  const [method = '', template = ''] = name.split(' ');
  const { params = {}, query = {}, body = {} } = { ...request } as Told;
  const path = template.replaceAll(/:(\w+)/g, (_, param: string) =>
    encodeURIComponent(params[param] ?? ''),
  );
  try {
    const asked = new URLSearchParams(query).toString();
    const response = await fetch(`/api${path}${asked && `?${asked}`}`, {
      method,
      headers:
        method === 'GET'
          ? { accept: 'application/json' }
          : {
              'content-type': 'application/json',
              'x-ms1-page': '1',
              'idempotency-key': newKey(),
            },
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? null : JSON.parse(text);
    const [, next] = /[?&]cursor=([^&>]+)/.exec(response.headers.get('link') ?? '') ?? [];
    const cursor = next && decodeURIComponent(next);
    if (response.ok) return { ok: true, body: answer as AnswerOf<K>, next: cursor };
    return { ok: false, status: response.status, why: inWords(response.status, answer as Problem) };
  } catch {
    return { ok: false, status: 0, why: 'The console does not answer. It may be starting again.' };
  }
}

type Params = Readonly<Record<string, string>>;

interface Told {
  params?: Params;
  query?: Record<string, string>;
  body?: object;
}

function inWords(status: number, { title, errors = [] }: Problem): string {
  if (status === 401) return 'Your login has ended. Log in again, then repeat this.';
  if (status === 403) {
    return 'Your role may look, not act. Ask an operator, or log in as one.';
  }
  const details = errors.map(({ pointer = '', detail = '' }) =>
    `${pointer.replace(/^\//, '')} ${detail}`.trim(),
  );
  return [title ?? `The console answered ${status}`, ...details].join('; ');
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
