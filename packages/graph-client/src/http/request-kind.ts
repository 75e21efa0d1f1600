/** What a request is for: what quota is counted by, and what an error tells it failed at. */
export type RequestKind = 'message' | 'attachments' | 'page' | 'delta' | 'folder' | 'subscription';
