import type { FolderRef, MailboxState } from '@ms1/contracts';
import { type FolderReader, GraphUnlistedError } from '@ms1/graph-client';

/**
 * Pages of active folders only, asked anew for each page: a walk or a listing of many pages ends within
 * one of them when its mailbox is paused or removed, and keeps its position.
 *
 * @throws {GraphUnlistedError} from each call for a folder that is not active
 */
export function activeFolders(
  folders: Pick<FolderReader, 'deltaPage' | 'listPage'>,
  stateOf: (folder: FolderRef) => MailboxState | undefined,
): Pick<FolderReader, 'deltaPage' | 'listPage'> {
  const active = <T extends FolderRef>(folder: T): T => {
    if (stateOf(folder) !== 'active') throw new GraphUnlistedError();
    return folder;
  };
  return {
    deltaPage: async (request) => folders.deltaPage(active(request)),
    listPage: async (request) => folders.listPage(active(request)),
  };
}
