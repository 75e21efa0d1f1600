import type { Asked } from './route.ts';

export type Find = Asked<'POST /find'>['body'];
/** A question that says what its words are. */
export type Meant = Omit<Find, 'text' | 'subject'> & { words?: string };

/** What somebody's words may be, the likeliest first. */
export function meaningsOf({ text, subject, ...rest }: Find): Meant[] {
  const words = text?.trim() ?? '';
  if (words === '') return [{ ...rest, ...(subject !== undefined && { words: subject }) }];
  const isOne = !/\s/.test(words);
  const asWords = { ...rest, words };
  if (isOne && /^<.+>$/.test(words)) return [{ ...rest, internetMessageId: words }];
  if (isOne && /^[^@]+@[^@]+$/.test(words)) {
    const [, domain = ''] = words.split('@');
    const exact = [
      { ...rest, sender: words },
      { ...rest, internetMessageId: words },
    ];
    return [...exact, { ...rest, words: domain }];
  }
  if (/^[\w-]{22}$/.test(words)) return [{ ...rest, key: words }, asWords];
  if (isOne && /^[\w=-]{60,}$/.test(words) && rest.mailboxId !== undefined) {
    return [{ ...rest, messageId: words }];
  }
  return [asWords];
}
