import { describe, expect, test } from '@jest/globals';

import { GraphUnlistedError } from '../errors/graph-error.ts';
import { assertListed } from './listed-handler.ts';

const LISTED = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const isListed = (id: string): boolean => id.toLowerCase() === LISTED;
const batch = (...ids: string[]) => ({
  requests: ids.map((id) => ({ method: 'GET', url: `/users/${id}/messages/x` })),
});

describe('assertListed', () => {
  test.each([
    [`/users/${LISTED}/mailFolders/inbox/messages/delta?$select=id`, undefined],
    [`/users('${LISTED}')/mailFolders('inbox')/messages/delta?$deltatoken=x`, undefined],
    [`/users(%27${LISTED.toUpperCase()}%27)/messages/x`, undefined],
    ['/$batch', batch(LISTED, LISTED)],
    ['/subscriptions', undefined],
    ['/subscriptions/33333333-3333-4333-8333-333333333333', { expirationDateTime: 'x' }],
    ['/subscriptions', { resource: `users/${LISTED}/mailFolders('inbox')/messages` }],
  ])('lets a request for a mailbox of the directory pass: %s %j', (path, body) => {
    expect(() => assertListed(path, body, isListed)).not.toThrow();
  });

  test.each([
    [`/users/${OTHER}/messages/x`, undefined],
    [`/users('${OTHER}')/messages/x`, undefined],
    [`/users/${LISTED}${OTHER}/messages/x`, undefined],
    [`/users/${LISTED}@evil/messages`, undefined],
    [`/users/${LISTED}/../${OTHER}/messages`, undefined],
    [`/users/${LISTED}/%2E./${OTHER}/messages`, undefined],
    [`/users/${LISTED}/messages/..?$select=id`, undefined],
    [`/users/${LISTED}/.\t./${OTHER}/messages`, undefined],
    [`/users/${LISTED}/..\\${OTHER}/messages`, undefined],
    ['/subscriptions/../me/messages', undefined],
    ['/$batch', batch(`${LISTED}/../${OTHER}`)],
    ['/users/somebody@example.com/messages', undefined],
    ['/users?$select=id', undefined],
    ['/me/messages', undefined],
    ['/groups/x', undefined],
    ['', undefined],
    ['/$batch', batch(LISTED, OTHER)],
    ['/$batch', { requests: [{ url: '/me/messages' }, {}] }],
    ['/subscriptions', { resource: `users/${OTHER}/mailFolders('inbox')/messages` }],
    ['/subscriptions', { resource: 'me/messages' }],
    ['/subscriptionsandmore', undefined],
  ])('refuses whatever is not of one, or not to be told: %s %j', (path, body) => {
    expect(() => assertListed(path, body, isListed)).toThrow(GraphUnlistedError);
  });
});
