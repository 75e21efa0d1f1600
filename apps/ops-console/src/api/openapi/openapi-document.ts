import { TAGS } from '@ms1/console-api';
import { Problem } from '@ms1/contracts';
import { z } from 'zod';
import { createDocument, type oas31, type ZodOpenApiOperationObject } from 'zod-openapi';

import { DESCRIBED, type Described } from '../route.ts';

/** What any endpoint may answer with besides what it declares. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request does not have the expected form',
  401: 'Credentials are missing or wrong',
  403: 'The caller may not do this',
  404: 'There is no such thing',
  409: 'The current state does not allow it',
  413: 'The body is too large',
  415: 'The body is not application/json',
  422: 'The Idempotency-Key was used for another request',
  429: 'Too many at once',
  500: 'The console could not do this',
  503: 'Redis, or the identity provider, does not answer',
};
const OF_READS = [400, 401, 403, 500, 503];
const OF_WRITES = [...OF_READS, 409, 413, 415, 422];

const SUCCESS: Readonly<Record<number, string>> = { 200: 'Done', 201: 'Created', 202: 'Begun' };

const ProblemDetails = Problem.meta({
  id: 'Problem',
  description: 'Problem details (RFC 9457). `type` is a stable code.',
});
const IdempotencyKey = z.object({
  'Idempotency-Key': z.string().min(1).max(128).optional().meta({
    description:
      'Send the same request with it again within 24 h: it gets the first answer, and nothing happens twice',
  }),
});
const Location = z.object({ Location: z.string().meta({ description: 'What was created' }) });
const Link = z.object({
  Link: z
    .string()
    .optional()
    .meta({ description: 'The next page: `<path>; rel="next"` (RFC 8288)' }),
});

/** The API as OpenAPI 3.1, made from what the endpoints say of themselves and validate with. */
export function openApiDocument(version: string): oas31.OpenAPIObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of DESCRIBED) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  const tags = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'ms1-email-ingestor control API',
      version,
      description:
        'What operators see and command. Times are RFC 3339; lists come in pages whose `Link` header leads on; a field that no schema names is refused.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api' }],
    tags,
    security: [{ bearer: [] }, { login: [] }],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of the console, or a JWT of the identity provider',
        },
        login: {
          type: 'apiKey',
          in: 'cookie',
          name: 'ms1_console',
          description:
            'A browser login; `__Host-ms1_console` where browsers come by https. A write needs the header `X-Ms1-Page: 1` too.',
        },
      },
    },
    paths,
  }) as oas31.OpenAPIObject;
}

function operationOf(route: Described): ZodOpenApiOperationObject {
  const { method, path, tag, summary, policy, params, query, body, reads } = route;
  const description = [route.description, csvInWords(route), `Role: ${policy} or above.`];
  const takes = (schema: z.ZodObject): boolean => Object.keys(schema.shape).length > 0;
  const writes = method !== 'get';
  const header = writes && !reads ? { header: IdempotencyKey } : {};
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    description: description.filter((part) => part !== undefined).join('\n\n'),
    requestParams: {
      ...(takes(params) && { path: params }),
      ...(takes(query) && { query }),
      ...header,
    },
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: { ...successesOf(route), ...problemsOf(route) },
  };
}

function csvInWords({ csv, query }: Described): string | undefined {
  if (!csv) return undefined;
  const all =
    'limit' in query.shape ? ', all pages from the `cursor` on; `limit` does not count' : '';
  return `With \`format=csv\` as a file for Excel${all}. Columns: ${csv.columns.join(', ')}.`;
}

function successesOf({ responses, stream, text, query, csv }: Described) {
  if (stream) {
    const content = { [stream]: { schema: z.string() } };
    return { '200': { description: 'A stream', content } };
  }
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => [
      status,
      {
        description: SUCCESS[Number(status)] ?? 'Done',
        content: {
          ...(!(schema instanceof z.ZodNull) && { 'application/json': { schema } }),
          ...(text && { [text]: { schema: z.string() } }),
          ...(csv && { 'text/csv': { schema: z.string() } }),
        },
        ...(status !== '200' && { headers: Location }),
        ...('cursor' in query.shape && { headers: Link }),
      },
    ]),
  );
}

function problemsOf({ method, problems = [] }: Described) {
  const statuses = new Set([...(method === 'get' ? OF_READS : OF_WRITES), ...problems]);
  const content = { 'application/problem+json': { schema: ProblemDetails } };
  return Object.fromEntries(
    [...statuses]
      .toSorted((a, b) => a - b)
      .map((status) => [String(status), { description: PROBLEMS[status] ?? 'Problem', content }]),
  );
}

/** `post /sessions/:id/close` is `postSessionsIdClose`: stable as long as the path is. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}
