export { CursorStore } from './cursor-store.ts';
export { MailboxDirectory } from './directory/mailbox-directory.ts';
export { MailboxConflictError, MailboxNotFoundError } from './directory/mailbox-errors.ts';
export { MailboxSnapshot } from './directory/mailbox-snapshot.ts';
export { WatchedDirectory } from './directory/watched-directory.ts';
export type { Arrivals, PushYield } from './push-yield.ts';
export { PushYieldStore } from './push-yield-store.ts';
export { type RulesTest, RulesTestStore } from './rules-test-store.ts';
export { type SubscriptionRecord, SubscriptionStore } from './subscription-store.ts';
