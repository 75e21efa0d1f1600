import type { WatchedDirectory } from '@ms1/mailboxes';
import { type FleetProcess, openGraph } from '@ms1/process';

import { type Config, readsMail } from '../config.ts';
import type { MailGraph } from './fetch-mail.ts';

/**
 * Graph, to read single messages for people; null where nobody may see them, or there is no credential. One that is
 * refused does not make the console unready: it has everything else to show.
 */
export async function openMailGraph(
  fleet: FleetProcess,
  { config, mailboxes }: { config: Config; mailboxes: Pick<WatchedDirectory, 'current'> },
): Promise<MailGraph | null> {
  return readsMail(config) ? openGraph(fleet, { config, mailboxes, isNeeded: false }) : null;
}
