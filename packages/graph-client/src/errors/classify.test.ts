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
    [400, 'ErrorInvalidUrlQuery', 'graph_request'],
    [400, '', 'graph_request'],
    [401, 'InvalidAuthenticationToken', 'graph_auth'],
    [403, 'ErrorAccessDenied', 'graph_forbidden'],
    [403, 'ExtensionError', 'graph_forbidden'],
    [404, 'ErrorItemNotFound', 'graph_not_found'],
    [404, 'MailboxNotEnabledForRESTAPI', 'graph_mailbox_missing'],
    [404, 'ResourceNotFound', 'graph_mailbox_missing'],
    [409, 'Conflict', 'graph_conflict'],
    [410, 'SyncStateNotFound', 'graph_reset'],
    [410, '', 'graph_reset'],
    [400, 'syncStateNotFound', 'graph_reset'],
    [404, 'resyncRequired', 'graph_reset'],
    [423, 'locked', 'graph_transient'],
    [424, 'FailedDependency', 'graph_transient'],
    [429, 'ApplicationThrottled', 'graph_throttled'],
    [429, '', 'graph_throttled'],
    [500, 'generalException', 'graph_transient'],
    [500, 'ErrorMailboxMoveInProgress', 'graph_unavailable'],
    [503, 'serviceNotAvailable', 'graph_unavailable'],
    [504, 'UnknownError', 'graph_transient'],
    [302, '', 'graph_transient'],
    [418, 'SomethingNew', 'graph_request'],
  ])('%i with code %j is %s', (status, code, expected) => {
    expect(classify(refusal(status, withCode(code)), NOW).code).toBe(expected);
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

  test('keeps the request id and the time to wait', () => {
    const error = classify(
      refusal(429, withCode('TooManyRequests'), { 'retry-after': '10', 'request-id': 'r-1' }),
      NOW,
    );
    expect(error).toMatchObject({ retryAfterMs: 10_000, requestId: 'r-1', status: 429 });
  });

  test('says nothing of what Graph wrote into its message, which may name people', () => {
    expect(classify(refusal(404, withCode('ErrorItemNotFound')), NOW).message).not.toMatch(/text/);
  });
});
