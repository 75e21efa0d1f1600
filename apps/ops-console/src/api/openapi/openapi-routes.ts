import { z } from 'zod';

import { defineRoute, type Route, reply } from '../route.ts';
import { openApiDocument } from './openapi-document.ts';
import { renderReference } from './render-reference.ts';

/** `/api/openapi.json` and its reference for people, of these routes and of these two themselves. */
export function openApiRoutes(described: readonly Route[], version: string): Route[] {
  const own: Route[] = [
    defineRoute({
      method: 'get',
      path: '/openapi.json',
      tag: 'reference',
      summary: 'This API, as OpenAPI 3.1',
      policy: 'reader',
      responses: { 200: z.looseObject({ openapi: z.string() }) },
      handle: async () => reply(200, { ...document }),
    }),
    defineRoute({
      method: 'get',
      path: '/reference',
      tag: 'reference',
      summary: 'This API, as a page for people',
      policy: 'reader',
      text: 'text/html',
      responses: { 200: z.null() },
      handle: async () => reply(200, null, { text: page }),
    }),
  ];
  const document = openApiDocument([...described, ...own], version);
  const page = renderReference(document);
  return own;
}
