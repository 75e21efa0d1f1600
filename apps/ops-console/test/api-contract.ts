import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';

/** An answer of the API, as whoever asked sees it. */
export interface Answer {
  method: string;
  /** with the query, from `/api` on */
  path: string;
  status: number;
  headers: Headers;
  text: string;
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }>; headers?: object }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

/**
 * What ajv has against an answer, by the API's own document: path, method, status, media type, headers that
 * must be there, and body. Anything that is not described is a fault.
 */
export function createContract(document: object): (answer: Answer) => string[] {
  const { paths } = document as Document;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formatsPlugin.default(ajv);
  ajv.addSchema(document, 'api');
  return ({ method, path, status, headers, text }) => {
    const { pathname } = new URL(path, 'http://console');
    const template = templateOf(paths, pathname.slice('/api'.length));
    const operation = template && paths[template]?.[method.toLowerCase()];
    const name = `${method} ${pathname} ${status}`;
    // What is not there is not described, and says only that.
    if (!operation) return [401, 404].includes(status) ? [] : [`${name}: not described`];
    const response = operation.responses[status];
    if (!response) return [`${name}: this status is not described`];
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const missing = Object.entries(response.headers ?? {})
      .filter(([header, { required }]) => required && !headers.has(header))
      .map(([header]) => `${name}: no ${header}`);
    if (!response.content?.[type]) return [...missing, `${name}: ${type} is not described`];
    if (!type.endsWith('json')) return missing;
    const pointer = [
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
    ]
      .concat(type, 'schema')
      .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
      .join('');
    const validate = ajv.getSchema(`api#${pointer}`);
    if (!validate) return [...missing, `${name}: no schema`];
    return validate(JSON.parse(text))
      ? missing
      : [...missing, `${name}: ${ajv.errorsText(validate.errors)}`];
  };
}

/** The described path that this one is; one without parameters before one with. */
function templateOf(paths: Document['paths'], path: string): string | undefined {
  const fits = Object.keys(paths).filter((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return fits.toSorted((a, b) => a.split('{').length - b.split('{').length)[0];
}
