import { describe, expect, test } from '@jest/globals';

import { readHeaders } from './internet-headers.ts';
import { kindOfHeaders } from './kind-of-headers.ts';

const kindOf = (headers: Record<string, string>) =>
  kindOfHeaders(readHeaders(Object.entries(headers).map(([name, value]) => ({ name, value }))));

describe('kindOfHeaders', () => {
  test.each<[string | undefined, Record<string, string>]>([
    [undefined, {}],
    [undefined, { Subject: 'Automatic reply: out of office', 'Content-Type': 'text/plain' }],
    [undefined, { Subject: 'Undeliverable: Invoice', 'Return-Path': 'bounce@supplier.example' }],
    ['auto_reply', { 'Auto-Submitted': 'auto-replied' }],
    ['auto_reply', { 'auto-submitted': 'Auto-Replied (vacation); owner-email="x@a.example"' }],
    ['auto_reply', { 'Auto-Submitted': 'auto-replied', 'Return-Path': '<>' }],
    ['auto_reply', { 'X-Autoreply': 'yes' }],
    ['auto_reply', { Precedence: 'auto_reply' }],
    // Out of office, as Exchange writes it.
    [
      'auto_reply',
      {
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        'In-Reply-To': '<1@company.example>',
      },
    ],
    ['auto_reply', { Precedence: 'bulk', 'In-Reply-To': '<1@company.example>' }],
    [undefined, { 'Auto-Submitted': 'no', 'In-Reply-To': '<1@company.example>' }],
    // Programs send invoices, and want no answer to them.
    [undefined, { 'Auto-Submitted': 'auto-generated' }],
    [undefined, { 'X-Auto-Response-Suppress': 'OOF, AutoReply', Precedence: 'bulk' }],
    [undefined, { 'List-Unsubscribe': '<https://supplier.example/u>' }],
    ['bounce', { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=x' }],
    ['bounce', { 'Content-Type': 'Multipart/Report;\r\n\tReport-Type="Delivery-Status"' }],
    ['bounce', { 'Return-Path': '<>' }],
    ['bounce', { 'X-Failed-Recipients': 'ap@company.example', 'Return-Path': '<>' }],
    ['bounce', { 'X-MS-Exchange-Message-Is-Ndr': '1' }],
    [
      'bounce',
      {
        'Content-Type': 'multipart/report; report-type=delivery-status',
        'Auto-Submitted': 'auto-replied',
      },
    ],
    [
      'receipt',
      {
        'Content-Type': 'multipart/report; report-type=disposition-notification',
        'Return-Path': '<>',
      },
    ],
    [undefined, { 'Content-Type': 'multipart/mixed; report-type=delivery-status' }],
    ['encrypted', { 'Content-Type': 'application/pkcs7-mime; smime-type=enveloped-data' }],
    ['encrypted', { 'Content-Type': 'application/x-pkcs7-mime; name=smime.p7m' }],
    ['encrypted', { 'Content-Type': 'multipart/encrypted; protocol="application/pgp-encrypted"' }],
    ['signed', { 'Content-Type': 'application/pkcs7-mime; smime-type="signed-data"' }],
    ['signed', { 'Content-Type': 'multipart/signed; protocol="application/pkcs7-signature"' }],
    ['signed', { 'Content-Type': 'multipart/signed', 'List-Id': '<ap.company.example>' }],
    [undefined, { 'Content-Type': 'application/pkcs7-mime; smime-type=compressed-data' }],
    ['list', { 'List-Id': 'Accounts <ap.company.example>' }],
    ['list', { 'List-Post': '<mailto:ap@company.example>' }],
    ['list', { Precedence: 'list' }],
    [undefined, { 'List-Id': '' }],
  ])('%j of %j', (kind, headers) => {
    expect(kindOf(headers)).toBe(kind);
  });
});
