import { describe, expect, test } from '@jest/globals';

import { GraphProtocolError } from '../errors/graph-error.ts';
import { PinnedLinks } from './pinned-links.ts';

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const links = new PinnedLinks('https://graph.microsoft.com/v1.0');

describe('PinnedLinks', () => {
  test.each([
    `https://graph.microsoft.com/v1.0/users/${MAILBOX}/mailFolders/inbox/messages/delta?$deltatoken=a+b%2Bc=&x=1`,
    `https://graph.microsoft.com/v1.0/users('${MAILBOX}')/mailFolders('inbox')/messages/delta?$skiptoken=Q`,
    `https://graph.microsoft.com:443/v1.0/Users/${MAILBOX.toUpperCase()}/messages/delta?$skiptoken=Q`,
  ])('keeps a link of the mailbox byte for byte: %s', (link) => {
    const { path, search } = links.toPath(link, MAILBOX);
    expect(link.endsWith(`/v1.0${path}${search}`)).toBe(true);
    expect(path).toMatch(/^\/users/i);
  });

  test.each([
    'https://graph.microsoft.com.evil.example/v1.0/users/ID/messages',
    'https://graph.microsoft.com@evil.example/v1.0/users/ID/messages',
    'https://user:password@graph.microsoft.com/v1.0/users/ID/messages',
    'https://evil.example/v1.0/users/ID/messages',
    'https://evil.example\\@graph.microsoft.com/v1.0/users/ID/messages',
    'https:\\\\evil.example/v1.0/users/ID/messages',
    '//evil.example/v1.0/users/ID/messages',
    '/v1.0/users/ID/messages',
    'http://graph.microsoft.com/v1.0/users/ID/messages',
    'https://graph.microsoft.com:8443/v1.0/users/ID/messages',
    'https://20.190.151.1/v1.0/users/ID/messages',
    'https://graph.microsoft.com/beta/users/ID/messages',
    'https://graph.microsoft.com/v1.0/../beta/users/ID/messages',
    'https://graph.microsoft.com/v1.0/users/ID/../someone-else/messages',
    'https://graph.microsoft.com/v1.0/users/ID/%2e%2e/someone-else/messages',
    'https://graph.microsoft.com/v1.0/users/22222222-2222-4222-8222-222222222222/messages',
    'https://graph.microsoft.com/v1.0/users/ID-longer/messages',
    'https://graph.microsoft.com/v1.0/me/messages/delta',
    'https://graph.microsoft.com/v1.0/users/ID/mes\tsages',
    'javascript:alert(1)',
    '',
  ])('refuses %j, which would take the token elsewhere', (template) => {
    const link = template.replace('ID', MAILBOX);
    expect(() => links.toPath(link, MAILBOX)).toThrow(GraphProtocolError);
  });

  test('refuses a link that is longer than any of Graph', () => {
    const link = `https://graph.microsoft.com/v1.0/users/${MAILBOX}/messages?x=${'y'.repeat(20_000)}`;
    expect(() => links.toPath(link, MAILBOX)).toThrow(GraphProtocolError);
  });
});
