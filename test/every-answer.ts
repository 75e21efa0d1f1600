/** The part of the API's description that is used. */
export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What there is to ask for, of each kind that a path names. */
export interface Ids {
  /** by the path that it fills in, as the API describes it */
  readonly byPath: Readonly<Record<string, string>>;
  /** jobs, as the board names them */
  readonly jobs: readonly (readonly [queue: string, jobId: string])[];
}

const BOARD_STATES = [
  'latest',
  'waiting',
  'active',
  'delayed',
  'failed',
  'completed',
  'prioritized',
];
const PAGES = [
  '/',
  '/console',
  '/login',
  '/logout',
  '/queues',
  '/none',
  '/queues/none',
  '/api/none',
];
/** of a stream that never ends */
const STREAM = '/events';

export interface Answers {
  /** what was answered, by what was asked; with its headers */
  readonly texts: Readonly<Record<string, string>>;
  /** GET routes of the API that were asked and did not answer 200 */
  readonly refused: readonly string[];
}

/** Every GET route of the API, as CSV too, the board and the pages, as whoever has these credentials sees them. */
export async function everyAnswer(
  url: string,
  headers: Record<string, string>,
  document: Described,
  { byPath, jobs }: Ids,
): Promise<Answers> {
  const texts: Record<string, string> = {};
  const ask = async (path: string): Promise<number> => {
    const signal = path.endsWith(STREAM) ? AbortSignal.timeout(3_000) : AbortSignal.timeout(30_000);
    const response = await fetch(new URL(path, url), { headers, redirect: 'manual', signal });
    const head = JSON.stringify([...response.headers]);
    texts[path] = `${response.status} ${head} ${await bodyOf(response)}`;
    return response.status;
  };
  const refused: string[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    if (!methods['get']) continue;
    const filled = `/api${byPath[path] ?? path}`;
    const csv = `${filled}${filled.includes('?') ? '&' : '?'}format=csv`;
    const forms = JSON.stringify(methods['get']).includes('text/csv') ? [filled, csv] : [filled];
    for (const form of forms) {
      const status = await ask(form);
      if (status !== 200) refused.push(`${form} ${status}`);
    }
  }
  for (const queue of ['polling', 'inbound', 'outbound']) {
    for (const state of BOARD_STATES) {
      await ask(`/queues/api/queues?activeQueue=${queue}&status=${state}&page=1&jobsPerPage=100`);
    }
  }
  for (const [queue, id] of jobs) {
    const job = `/queues/api/queues/${queue}/${encodeURIComponent(id)}`;
    for (const path of [job, `${job}/logs`, `/queues/queue/${queue}/${encodeURIComponent(id)}`]) {
      await ask(path);
    }
  }
  for (const page of PAGES) await ask(page);
  return { texts, refused };
}

/** Of a stream the first that it tells. */
async function bodyOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return response.text();
  }
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return Buffer.from(value ?? []).toString();
}
