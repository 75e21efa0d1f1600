/** Somebody changed the mailbox since it was read, or it exists already: read it again. */
export class MailboxConflictError extends Error {
  readonly code = 'mailbox_conflict';
  /** as it is now; 0: there is none */
  readonly revision: number;

  constructor(revision: number) {
    super(revision === 0 ? 'there is no such mailbox' : `the mailbox is at revision ${revision}`);
    this.name = 'MailboxConflictError';
    this.revision = revision;
  }
}

export class MailboxNotFoundError extends Error {
  readonly code = 'mailbox_not_found';

  constructor() {
    super('the directory does not know this mailbox');
    this.name = 'MailboxNotFoundError';
  }
}
