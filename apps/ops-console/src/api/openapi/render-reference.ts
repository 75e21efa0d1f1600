import type { oas31 } from 'zod-openapi';

type Json = Record<string, unknown>;

/** The reference for people: the whole document as one page, with no script and nothing from elsewhere. */
export function renderReference({
  info,
  tags = [],
  paths = {},
  components,
}: oas31.OpenAPIObject): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, oas31.OperationObject>).map(([method, operation]) => ({
      ...operation,
      id: operation.operationId ?? '',
      name: `${method.toUpperCase()} ${path}`,
    })),
  );
  const chapters = tags.map(({ name }) => ({
    name,
    operations: operations.filter((operation) => operation.tags?.includes(name)),
  }));
  const contents = chapters.map(
    (chapter) =>
      `<li>${escape(chapter.name)}<ul>${chapter.operations
        .map(({ id, name }) => `<li><a href="#${id}"><code>${escape(name)}</code></a></li>`)
        .join('')}</ul></li>`,
  );
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<section><h3 id="schema-${escape(name)}">${escape(name)}</h3>${json(schema)}</section>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escape(info.title)}</title>
    <style>${STYLE}</style>
  </head>
  <body>
    <nav aria-label="Contents"><ul>${contents.join('')}<li><a href="#schemas">schemas</a></li></ul></nav>
    <main>
      <h1>${escape(info.title)} ${escape(info.version)}</h1>
      <p>${escape(info.description ?? '')} As a document: <a href="openapi.json">openapi.json</a>.</p>
      ${chapters.map(renderChapter).join('')}
      <h2 id="schemas">Schemas</h2>${schemas.join('')}
    </main>
  </body>
</html>
`;
}

interface Operation extends oas31.OperationObject {
  id: string;
  name: string;
}

function renderChapter({ name, operations }: { name: string; operations: Operation[] }): string {
  return `<h2>${escape(name)}</h2>${operations.map(renderOperation).join('')}`;
}

function renderOperation(operation: Operation): string {
  const { id, name, summary = '', description = '', parameters = [], responses = {} } = operation;
  const inputs = (parameters as oas31.ParameterObject[]).map(
    (parameter) =>
      `<tr><td><code>${escape(parameter.name)}</code></td><td>${parameter.in}${
        parameter.required ? ', required' : ''
      }</td><td>${json(parameter.schema)}</td><td>${escape(parameter.description ?? '')}</td></tr>`,
  );
  const body = (operation.requestBody as oas31.RequestBodyObject | undefined)?.content;
  const answers = Object.entries(responses as Record<string, oas31.ResponseObject>).map(
    ([status, response]) =>
      `<tr><td>${status}</td><td>${escape(response.description ?? '')}</td><td>${contentOf(response.content)}</td></tr>`,
  );
  return `<section>
  <h3 id="${id}"><code>${escape(name)}</code></h3>
  <p><strong>${escape(summary)}</strong>. ${escape(description)}</p>
  ${inputs.length === 0 ? '' : table('Parameters', ['name', 'where', 'form', ''], inputs)}
  ${body === undefined ? '' : `<h4>Body</h4>${contentOf(body)}`}
  ${table('Answers', ['status', '', 'body'], answers)}
</section>`;
}

function table(caption: string, heads: string[], rows: string[]): string {
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join('');
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function contentOf(content: object = {}): string {
  return Object.entries(content as Record<string, { schema?: Json }>)
    .map(([type, { schema = {} }]) => {
      const name =
        typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined;
      if (name !== undefined) {
        return `<a href="#schema-${escape(name)}">${escape(name)}</a> <small>${escape(type)}</small>`;
      }
      return `<details><summary><small>${escape(type)}</small></summary>${json(schema)}</details>`;
    })
    .join('');
}

function json(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 1))}</pre>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { display: grid; grid-template-columns: minmax(14rem, 20rem) minmax(0, 60rem); gap: 2rem; margin: 0 1rem; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; font-size: .85rem; }
nav ul { list-style: none; padding-left: .75rem; }
section { border-top: 1px solid #8884; padding-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #8883; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } }
`;
