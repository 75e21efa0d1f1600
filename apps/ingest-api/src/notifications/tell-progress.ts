import type { Progress } from '@ms1/runtime';

import type { AcceptNotifications } from './accept-notifications.ts';
import { NotificationsRefusedError } from './read-notifications.ts';

/** Tells what became of each POST: what reached its queue is progress; what Redis did not take, or no answer, is none. */
export function tellProgress(
  progress: Pick<Progress, 'during' | 'made' | 'blocked'>,
  accept: AcceptNotifications,
): AcceptNotifications {
  return async (body) => {
    try {
      const accepted = await progress.during(() => accept(body));
      // What strangers send proves nothing.
      if (accepted.noticed + accepted.lifecycle > 0) progress.made();
      return accepted;
    } catch (error) {
      if (!(error instanceof NotificationsRefusedError)) {
        progress.blocked('notifications do not reach their queue');
      }
      throw error;
    }
  };
}
