import { NotCheckableError } from './check.ts';
import type { Installation } from './installation.ts';

/** Where Graph reaches ingest-api. @throws {NotCheckableError} when there is no such address */
export function notificationUrl({ settings }: Installation): URL {
  const { NOTIFICATION_URL: value } = settings.get('notifications');
  if (value === undefined) {
    throw new NotCheckableError('NOTIFICATION_URL is not set: mail is found by polling alone');
  }
  return new URL(value);
}
