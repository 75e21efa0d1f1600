import { describe, expect, test } from '@jest/globals';

import { classify } from './classify.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function refusal(status: number, body: unknown, headers: Record<string, string> = {}) {
  return { status, body, header: (name: string) => headers[name] ?? null };
}

function withCode(code: string): unknown {
  return { error: { code, message: 'text that no decision reads' } };
}

describe('classify', () => {
  test.each([
    // The rows of docs/graph-contract.md#errors, in its order.
    [400, 'BadRequest', 'graph_request'],
    [400, 'InvalidRequest', 'graph_request'],
    [400, 'ErrorInvalidUrlQuery', 'graph_request'],
    [400, 'InefficientFilter', 'graph_request'],
    [400, 'ErrorInvalidParameter', 'graph_request'],
    [400, 'ErrorInvalidIdMalformed', 'graph_request'],
    [401, 'InvalidAuthenticationToken', 'graph_auth'],
    [401, 'TokenCreatedWithOutdatedPolicies', 'graph_auth'],
    [403, 'ErrorAccessDenied', 'graph_forbidden'],
    [403, 'Authorization_RequestDenied', 'graph_forbidden'],
    [403, 'accessDenied', 'graph_forbidden'],
    [403, 'ExtensionError', 'graph_quota'],
    [404, 'ErrorItemNotFound', 'graph_not_found'],
    [404, 'MailboxNotEnabledForRESTAPI', 'graph_mailbox_missing'],
    [404, 'ResourceNotFound', 'graph_mailbox_missing'],
    [404, 'Request_ResourceNotFound', 'graph_mailbox_missing'],
    [404, 'ErrorInvalidUser', 'graph_mailbox_missing'],
    [404, '', 'graph_not_found'],
    [409, 'Conflict', 'graph_conflict'],
    [410, 'SyncStateNotFound', 'graph_reset'],
    [410, 'syncStateNotFound', 'graph_reset'],
    [410, 'resyncRequired', 'graph_reset'],
    [410, '', 'graph_reset'],
    [400, 'syncStateNotFound', 'graph_reset'],
    [404, 'resyncRequired', 'graph_reset'],
    [413, '', 'graph_request'],
    [405, 'Request_BadRequest', 'graph_request'],
    [423, 'locked', 'graph_transient'],
    [429, 'ApplicationThrottled', 'graph_throttled'],
    [429, 'TooManyRequests', 'graph_throttled'],
    [429, 'activityLimitReached', 'graph_throttled'],
    [429, '', 'graph_throttled'],
    [500, 'ErrorInternalServerError', 'graph_transient'],
    [500, 'ErrorInternalServerTransientError', 'graph_transient'],
    [502, 'generalException', 'graph_transient'],
    [503, 'ErrorMailboxStoreUnavailable', 'graph_unavailable'],
    [503, 'ErrorMailboxMoveInProgress', 'graph_unavailable'],
    [503, 'MailboxInfoStale', 'graph_unavailable'],
    [503, 'ResourceUnhealthy', 'graph_unavailable'],
    [503, 'serviceNotAvailable', 'graph_unavailable'],
    [503, '', 'graph_unavailable'],
    [504, 'UnknownError', 'graph_timeout'],
    // What no row names.
    [400, '', 'graph_request'],
    [400, 'UnknownError', 'graph_request'],
    [418, 'SomethingNew', 'graph_request'],
    [424, 'FailedDependency', 'graph_transient'],
    [500, 'ErrorMailboxMoveInProgress', 'graph_unavailable'],
    [509, '', 'graph_throttled'],
    [302, '', 'graph_transient'],
  ])('%i with code %j is %s', (status, code, expected) => {
    expect(classify(refusal(status, withCode(code)), NOW).code).toBe(expected);
  });

  test.each([
    [403, 'NotFound', 'graph_mailbox_missing'],
    [400, 'NotFound', 'graph_mailbox_missing'],
    [500, 'Forbidden', 'graph_forbidden'],
    [400, 'Unauthorized', 'graph_auth'],
    [500, 'TooManyRequests', 'graph_throttled'],
    [400, 'ServiceUnavailable', 'graph_unavailable'],
    [500, '429', 'graph_throttled'],
    [403, 'SomethingNew', 'graph_quota'],
  ])('%i ExtensionError around the status %s is %s', (status, name, expected) => {
    const message = `Operation: Create; Exception: [Status Code: ${name}; Reason: whatever it says]`;
    const error = classify(refusal(status, { error: { code: 'ExtensionError', message } }), NOW);
    expect(error.code).toBe(expected);
    expect(error.status).toBe(status);
  });

  test.each([
    [
      '[Status Code: Forbidden; Reason: Maximum number of subscriptions has been reached]',
      'graph_quota',
    ],
    ['Maximum number of subscriptions reached', 'graph_quota'],
    ['[Status Code: Forbidden; Reason: Subscription limit exceeded.]', 'graph_quota'],
    ['[Status Code: Forbidden; Reason: Access to OData is disabled.]', 'graph_forbidden'],
    [
      '[Status Code: Forbidden; Reason: Access is denied. Check credentials and try again.]',
      'graph_forbidden',
    ],
    ['[Status Code: 403; Reason: ApplicationAccessPolicy]', 'graph_forbidden'],
    ['Access to OData is disabled', 'graph_forbidden'],
  ])('403 ExtensionError %j is %s', (text, code) => {
    const message = `Operation: Create; Exception: ${text}`;
    expect(classify(refusal(403, { error: { code: 'ExtensionError', message } }), NOW).code).toBe(
      code,
    );
  });

  test('reads a status out of no other error’s text', () => {
    const body = { error: { code: 'BadRequest', message: '[Status Code: NotFound; Reason: x]' } };
    expect(classify(refusal(400, body), NOW).code).toBe('graph_request');
  });

  test('reads nested codes, whichever way the inner error is spelled', () => {
    const body = { error: { code: 'badRequest', innererror: { code: 'ResyncRequired' } } };
    expect(classify(refusal(400, body), NOW).code).toBe('graph_reset');
  });

  test.each([['<html>busy</html>'], [undefined], [null], [[]], [{ error: null }], [{ error: 7 }]])(
    'does without a body it can read: %j',
    (body) => {
      expect(classify(refusal(503, body), NOW).code).toBe('graph_unavailable');
    },
  );

  test('keeps the time to wait and what support asks for, also where dead letters are kept', () => {
    const error = classify(
      {
        ...refusal(429, withCode('TooManyRequests'), {
          'retry-after': '10',
          'request-id': 'r-1',
          date: 'Thu, 01 Jan 2026 00:00:00 GMT',
          'x-ms-ags-diagnostic': '{"ServerInfo":{}}',
        }),
        clientRequestId: 'c-1',
      },
      NOW,
    );
    expect(error).toMatchObject({ retryAfterMs: 10_000, requestId: 'r-1', status: 429 });
    expect(error.support).toBe(
      'request-id r-1, client-request-id c-1, date Thu, 01 Jan 2026 00:00:00 GMT, x-ms-ags-diagnostic {"ServerInfo":{}}',
    );
    expect(error.stack).toMatch(/\n {4}for support: request-id r-1, client-request-id c-1/);
  });

  test('takes the ids from the body where no header has them', () => {
    const innerError = { 'request-id': 'r-2', date: '2026-01-01T00:00:00' };
    const body = { error: { code: 'x', innerError } };
    expect(classify(refusal(500, body), NOW).support).toBe(
      'request-id r-2, date 2026-01-01T00:00:00',
    );
  });

  test.each([
    'Invoice 17 of ana.maria@customer.example',
    'Invoice 17\n    at Ana Maria',
    'long'.repeat(17),
  ])('keeps %j nowhere, whichever place of an answer it stands in', (text) => {
    const innerError = { code: text, 'request-id': text, date: text };
    const headers = Object.fromEntries(
      ['request-id', 'client-request-id', 'date', 'x-ms-ags-diagnostic'].map((name) => [
        name,
        text,
      ]),
    );
    for (const [body, answered] of [
      [{ error: { code: text, message: text, innerError } }, {}],
      [{ error: { code: 'ErrorItemNotFound', innerError } }, headers],
    ] as const) {
      const error = classify(refusal(404, body, answered), NOW);
      const { message, stack, support, graphCode, requestId } = error;
      expect(JSON.stringify({ message, stack, support, graphCode, requestId })).not.toContain(
        JSON.stringify(text).slice(1, -1),
      );
      expect(error.code).toMatch(/^graph_/);
    }
  });

  test('says nothing of what Graph wrote into its message, which may name people', () => {
    expect(classify(refusal(404, withCode('ErrorItemNotFound')), NOW).message).not.toMatch(/text/);
  });
});
