import { describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';

import { createContract } from './api-contract.ts';
import { MAILBOXES, consoleBundle as setup } from './console-bundle.ts';

async function setupDocument() {
  const bundle = await setup();
  const { body } = await bundle.api('GET', '/openapi.json');
  return { bundle, document: body };
}

/** What Redocly's linter has against a document, with its recommended rules. */
async function lint(document: object): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

describe('the OpenAPI document', () => {
  test('lints clean by a third party, who finds what is wrong', async () => {
    const { bundle, document } = await setupDocument();
    await using _ = bundle;
    expect(await lint(document)).toEqual([]);

    // Control: the linter does see faults.
    const spoilt = structuredClone(document) as {
      paths: Record<string, { get: { operationId?: string; parameters?: object[] } }>;
    };
    delete spoilt.paths['/sessions']?.get.operationId;
    delete spoilt.paths['/sessions/{id}']?.get.parameters;
    const faults = (await lint(spoilt)).join('\n');
    expect(faults).toContain('operation-operationId');
    expect(faults).toContain('path-parameters-defined');
  });

  test('describes every route that the router has, with its role, and refuses unknown fields', async () => {
    const { bundle, document } = await setupDocument();
    await using _ = bundle;
    const { paths } = document as {
      paths: Record<string, Record<string, { description: string; requestBody?: object }>>;
    };
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { description }]) => {
        const role = /Role: (\w+)/.exec(description)?.[1];
        return `${method} ${path} ${role}`;
      }),
    );
    const routes = bundle.routes.map(
      ({ method, path, policy }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${policy}`,
    );
    expect(described.toSorted()).toEqual(routes.toSorted());
    expect(JSON.stringify(document)).toContain('"additionalProperties":false');
  });

  test('finds an answer that is not as it says', async () => {
    const { bundle, document } = await setupDocument();
    await using _ = bundle;
    const faultsOf = createContract(document);
    const { text, headers, status } = await bundle.request('/api/sessions', {
      method: 'POST',
      headers: {
        authorization: 'Bearer token-of-sixteen-or-more',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'a', mailboxes: MAILBOXES }),
    });
    const answer = { method: 'POST', path: '/api/sessions', status, headers, text };
    expect(faultsOf(answer)).toEqual([]);
    const body = JSON.parse(text) as object;
    const without = new Headers(headers);
    without.delete('location');
    for (const spoilt of [
      { ...answer, text: JSON.stringify({ ...body, status: 'gone' }) },
      { ...answer, text: JSON.stringify({ ...body, token: 'unforeseen' }) },
      { ...answer, text: '{}' },
      { ...answer, status: 204 },
      { ...answer, path: '/api/elsewhere' },
      { ...answer, headers: without },
      { ...answer, headers: new Headers({ 'content-type': 'text/html', location: '/' }) },
    ]) {
      expect(faultsOf(spoilt)).not.toEqual([]);
    }
  });

  test('is a page for people too, with every operation and no script', async () => {
    const { bundle, document } = await setupDocument();
    await using _ = bundle;
    const page = await bundle.request('/api/reference', {
      headers: { cookie: await bundle.login() },
    });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).not.toMatch(/<script|https?:\/\//);
    for (const item of Object.values(document['paths'] as object)) {
      for (const { operationId } of Object.values(item as object) as { operationId: string }[]) {
        expect(page.text).toContain(`id="${operationId}"`);
      }
    }
  });
});
