import { handle, reply } from '../route.ts';
import { openApiDocument } from './openapi-document.ts';
import { renderReference } from './render-reference.ts';

/** `/api/openapi.json` and its reference for people. */
export function openApiRoutes(version: string) {
  const document = openApiDocument(version);
  const page = renderReference(document);
  return handle({
    'GET /openapi.json': async () => reply(200, { ...document }),
    'GET /reference': async () => reply(200, null, { text: page }),
  });
}
