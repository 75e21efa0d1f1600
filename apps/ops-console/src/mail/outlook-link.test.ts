import { expect, test } from '@jest/globals';

import { outlookLink } from './outlook-link.ts';

test.each([
  'https://outlook.office365.com/owa/?ItemID=AAMkAD%3D&exvsurl=1&viewmodel=ReadMessageItem',
  'https://outlook.office.com/mail/deeplink/read/AAMk',
  'https://partner.outlook.cn/owa/?ItemID=A',
])('%s is a link', (link) => {
  expect(outlookLink(link)).toBe(link);
});

test.each([
  'http://outlook.office365.com/owa/?ItemID=A',
  'javascript:alert(1)//outlook.office365.com',
  'https://outlook.office365.com.evil.example/owa/',
  'https://outlook.office365.com@evil.example/owa/',
  'https://evil.example/?https://outlook.office365.com/',
  'https://outlook.office365.com:8443/owa/',
  'data:text/html,https://outlook.office365.com/',
  '//outlook.office365.com/owa/',
  'no link',
  '',
  null,
  undefined,
])('%s is none', (link) => {
  expect(outlookLink(link)).toBeNull();
});
