import type { FolderPage } from '@ms1/graph-client';

/** A page of a folder, the only one unless `links` lead on. */
export const aPage = (
  messages: FolderPage['messages'],
  links: Partial<FolderPage> = {},
): FolderPage => ({ messages, removed: [], nextLink: null, deltaLink: null, ...links });
