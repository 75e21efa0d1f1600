/** Where Outlook is on the web, for work and in each cloud. */
const HOSTS = new Set([
  'outlook.office.com',
  'outlook.office365.com',
  'outlook.cloud.microsoft',
  'outlook.live.com',
  'outlook.office365.us',
  'outlook-dod.office365.us',
  'webmail.apps.mil',
  'partner.outlook.cn',
]);

/** A link to a message that a person may follow; null for one that leads anywhere else, whoever wrote it. */
export function outlookLink(link: string | null | undefined): string | null {
  if (!link || !URL.canParse(link)) return null;
  const { protocol, hostname, port, username, password, href } = new URL(link);
  const isPlain = protocol === 'https:' && port === '' && username === '' && password === '';
  return isPlain && HOSTS.has(hostname) ? href : null;
}
