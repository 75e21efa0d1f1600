import type { Mailbox } from '../state/mailboxes.ts';
import { levelOf } from './mailbox-words.ts';

const KINDS = { stopped: 'bad', attention: 'warn', well: 'calm' } as const;

/** The worst of what troubles a mailbox, in two or three words. */
export function Standing({ mailbox }: { mailbox: Pick<Mailbox, 'troubles'> }) {
  const [worst] = mailbox.troubles;
  return <span class={`chip ${KINDS[levelOf(mailbox)]}`}>{worst?.title ?? 'Well'}</span>;
}
