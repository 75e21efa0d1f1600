import { createHash } from 'node:crypto';

import type { Correspondent, GeneratedMessage, InternetHeader } from './generated-message.ts';

/** Where mail from outside enters, and where it is kept: what Exchange Online calls its servers. */
const BORDER = 'AM7EUR06FT041.mail.protection.outlook.com';
const FRONT = 'AS9PR06CA0312.eurprd06.prod.outlook.com';
const HOME = 'DB9PR10MB5555.EURPRD10.PROD.OUTLOOK.COM';

/**
 * The headers of a mail in the order in which Graph shows them, about 4 KB: what Exchange found out on its way in, above
 * what the sender has written, and below that what its filters note. A draft has none.
 */
export function internetHeaders(message: GeneratedMessage, receivedAt: number): InternetHeader[] {
  if (message.isDraft) return [];
  const { from, headers: written, authenticationResults } = message;
  const domain = domainOf(from);
  const date = new Date(receivedAt).toUTCString().replace('GMT', '+0000');
  const received = (by: string, via: string): [string, string] => [
    'Received',
    `from ${via} by ${by} with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9412.7; ${date}`,
  ];
  const verdict = authenticationResults === undefined ? passed(domain) : authenticationResults;
  const names = new Set(written.map(({ name }) => name.toLowerCase()));
  const own: [string, string | null][] = [
    received(HOME, `${FRONT} (2603:10a6:20b:488::18)`),
    received(FRONT, `${BORDER} (2603:10a6:20b:488:cafe::a9)`),
    ['Authentication-Results', verdict],
    [
      'Received-SPF',
      `Pass (protection.outlook.com: domain of ${domain} designates 192.0.2.25 as permitted sender) receiver=protection.outlook.com; client-ip=192.0.2.25; helo=mx.${domain}; pr=C`,
    ],
    received(BORDER, `mx.${domain} (192.0.2.25)`),
    ...written.map(({ name, value }): [string, string] => [name, value]),
    ...Object.entries<string>(usual(message, date)).filter(
      ([name]) => !names.has(name.toLowerCase()),
    ),
    ...filtered(message),
  ];
  return own.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}

/** What Exchange writes of mail that its From's domain has sent: it does not say who writes this. */
function passed(domain: string): string {
  return `spf=pass (sender IP is 192.0.2.25) smtp.mailfrom=${domain}; dkim=pass (signature was verified) header.d=${domain};dmarc=pass action=none header.from=${domain};compauth=pass reason=100`;
}

/** Written by the sender's program, unless the message says something else. */
function usual(
  { internetMessageId, subject, from, to, attachments }: GeneratedMessage,
  date: string,
) {
  const domain = domainOf(from);
  const type = attachments.length > 0 ? 'multipart/mixed' : 'multipart/alternative';
  return {
    'DKIM-Signature': `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=s1; h=from:to:subject:date:message-id:mime-version:content-type; bh=${filler(internetMessageId, 44)}; b=${filler(domain, 344)}`,
    From: personOf(from),
    To: to.map(personOf).join(', '),
    Subject: `=?utf-8?B?${Buffer.from(subject ?? '').toString('base64')}?=`,
    Date: date,
    'Message-ID': internetMessageId,
    'Content-Type': `${type}; boundary="_000_${filler(internetMessageId, 40)}_"`,
    'MIME-Version': '1.0',
    'Return-Path': `bounce@${domain}`,
  };
}

/** Notes of Exchange's own filters, which are half of it. */
function filtered({ internetMessageId }: GeneratedMessage): [string, string][] {
  return [
    ['X-MS-Exchange-Organization-ExpirationStartTimeReason', 'OriginalSubmit'],
    ['X-MS-Exchange-Organization-MessageDirectionality', 'Incoming'],
    ['X-MS-Exchange-Organization-AuthSource', BORDER],
    ['X-MS-Exchange-Organization-AuthAs', 'Anonymous'],
    ['X-MS-Exchange-Organization-SCL', '1'],
    ['X-Microsoft-Antispam', 'BCL:0;ARA:13230040|4073199012|8096899003;'],
    [
      'X-Forefront-Antispam-Report',
      'CIP:192.0.2.25;CTRY:DE;LANG:de;SCL:1;SRV:;IPV:NLI;SFV:NSPM;H:mx;PTR:mx;CAT:NONE;SFS:(13230040)(4073199012)(8096899003);DIR:INB;',
    ],
    ['X-Microsoft-Antispam-Message-Info', filler(internetMessageId, 1_500)],
  ];
}

function personOf(person: Correspondent | null): string {
  return person ? `"${person.name}" <${person.address}>` : '';
}

function domainOf(person: Correspondent | null): string {
  return person?.address.split('@').at(-1) ?? 'nowhere.example';
}

/** Text that looks coded, always the same of the same. */
function filler(of: string, length: number): string {
  const line = createHash('sha512').update(of).digest('base64url');
  return line.repeat(Math.ceil(length / line.length)).slice(0, length);
}
