import {
  type FolderPage,
  type FolderReader,
  type GraphError,
  mayBeOneMessage,
} from '@ms1/graph-client';

/** A message that Graph cannot put on a page, alone or with others. */
export interface Unlisted {
  mailboxId: string;
  folderId: string;
  /** null: it cannot even be named */
  messageId: string | null;
  /** RFC 3339: the message before it was received then; null: there was none */
  after: string | null;
  error: GraphError;
}

type PageOfOne = Omit<
  Parameters<FolderReader['listPage']>[0],
  'link' | 'pageSize' | 'only' | 'priority'
>;

/**
 * The message that is on no page: its id where that much can be listed, to be read singly; otherwise no message.
 *
 * @throws {GraphError} where a single message cannot be why
 */
export async function listUnlisted(
  folders: Pick<FolderReader, 'listPage'>,
  request: PageOfOne,
): Promise<FolderPage> {
  try {
    const page = await folders.listPage({
      ...request,
      link: null,
      pageSize: 1,
      priority: 'backfill',
      only: 'id',
    });
    // What an id alone tells is not the message.
    return { ...page, messages: page.messages.map(({ id }) => ({ id, message: null })) };
  } catch (failure) {
    if (!mayBeOneMessage(failure)) throw failure;
    return { messages: [], removed: [], nextLink: null, deltaLink: null };
  }
}
