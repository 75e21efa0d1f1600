import type { FolderRef } from '@ms1/contracts';

import { GraphTransientError, GraphUnavailableError } from '../errors/graph-error.ts';
import type { GraphApi } from '../http/graph-api.ts';
import { folderPath } from './folder-paths.ts';

/**
 * The page may be what is unavailable, and not its mailbox, because of one message on it: then its folder answers, asked
 * for nothing but itself. Where Graph names the mailbox, or a time, that stands.
 *
 * @param folder an empty id: the whole mailbox
 */
export async function faultOfPage(
  error: unknown,
  api: GraphApi,
  { mailboxId, folderId }: FolderRef,
  signal?: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof GraphUnavailableError)) return error;
  const isMailboxes = error.retryAfterMs !== null || error.graphCode.startsWith('ErrorMailbox');
  if (isMailboxes) return error;
  return askForFolder(api, { mailboxId, folderId: folderId || 'inbox' }, signal).then(
    () => new GraphTransientError('is unavailable for a page, and not for its folder', error),
    () => error,
  );
}

/** For nothing but the folder itself. */
export function askForFolder(
  api: GraphApi,
  folder: FolderRef,
  signal?: AbortSignal,
): Promise<unknown> {
  return api.call(folderPath(folder), { kind: 'folder', signal }, (request) =>
    request.select('id').get(),
  );
}
