import { messageCore } from '../mail/message-id.ts';
import {
  generateCopies,
  generateSender,
  generateSupplier,
  type Supplier,
} from './correspondents.ts';
import { generateAttachments } from './generate-attachments.ts';
import type { Correspondent, GeneratedMessage } from './generated-message.ts';
import type { Language } from './language.ts';
import { LANGUAGES } from './languages.ts';
import type { MessageOverrides } from './message-overrides.ts';
import { oddSubject } from './odd-subject.ts';
import { mixSeed, Random } from './random.ts';

const PREVIEW_CHARS_MAX = 255;

export interface MessageSource {
  readonly seed: number;
  readonly index: number;
  /** address of the mailbox it goes to */
  readonly mailbox: string;
  readonly overrides?: MessageOverrides | undefined;
}

/** Makes up message `index` of a seed. The same arguments give the same message, whatever was made up before. */
export function generateMessage({
  seed,
  index,
  mailbox,
  overrides,
}: MessageSource): GeneratedMessage {
  const random = new Random(mixSeed(seed, index));
  const language = random.weighted(LANGUAGES);
  language.faker.seed(mixSeed(index, seed));
  const core = messageCore(seed, index);
  const supplier = generateSupplier(language, random);
  const facts = invoiceFacts(supplier, random);
  const sender = generateSender(supplier, language, random);
  const copies = generateCopies(language, supplier.domain, random);
  const message: GeneratedMessage = {
    language: language.code,
    internetMessageId: `<${core.slice(0, 20)}.${index}@${supplier.domain}>`,
    conversationId: `AAQkAGI1ZTU3ZmE4${core.slice(4, 26)}=`,
    subject: oddSubject(fill(random.pick(language.subjects), facts), random),
    from: random.chance(0.001) ? null : sender,
    sender: random.chance(0.05)
      ? { name: 'Mailer', address: `bounce-${random.int(1, 9_999)}@${supplier.domain}` }
      : sender,
    to: recipients(mailbox, copies, random),
    cc: copies.filter((_, n) => n % 2 === 1),
    replyTo: random.chance(0.08)
      ? [{ name: supplier.company, address: `support@${supplier.domain}` }]
      : [],
    importance: random.weighted([
      ['normal', 92],
      ['high', 6],
      ['low', 2],
    ]),
    bodyPreview: preview(language, facts, random),
    isDraft: false,
    headers: [],
    sentBeforeMs: random.int(1, 90) * 1_000,
    attachments: generateAttachments(fill(random.pick(language.fileNames), facts), random),
  };
  return overrides ? override(message, overrides) : message;
}

function recipients(mailbox: string, copies: Correspondent[], random: Random): Correspondent[] {
  const self = { name: 'Invoices', address: mailbox };
  // Sent to a list or as a blind copy: the mailbox itself is not among the recipients.
  if (random.chance(0.02)) return [];
  return [self, ...copies.filter((_, n) => n % 2 === 0)];
}

type Facts = Record<'no' | 'company' | 'amount' | 'date', string>;

function invoiceFacts({ company }: Supplier, random: Random): Facts {
  const number = random.int(1, 999_999);
  return {
    no: random.pick([
      `${number}`,
      `2026-${number}`,
      `${number}-${random.int(1, 99)}`,
      `R${number}`,
    ]),
    company,
    amount: `${random.int(3, 48_000)},${String(random.int(0, 99)).padStart(2, '0')} ${random.pick(['EUR', '€', 'USD', 'CHF'])}`,
    date: `${String(random.int(1, 28)).padStart(2, '0')}.${String(random.int(1, 12)).padStart(2, '0')}.2026`,
  };
}

function preview(language: Language, facts: Facts, random: Random): string {
  if (random.chance(0.02)) return '';
  const text = `${random.pick(language.greetings)}\r\n\r\n${fill(random.pick(language.lines), facts)}\r\n\r\n${facts.company}`;
  return text.slice(0, PREVIEW_CHARS_MAX).toWellFormed();
}

function fill(template: string, facts: Facts): string {
  return template.replace(/\{(no|company|amount|date)\}/g, (_, name: keyof Facts) => facts[name]);
}

function override(message: GeneratedMessage, overrides: MessageOverrides): GeneratedMessage {
  const { from } = overrides;
  const given = Object.fromEntries(
    Object.entries(overrides).filter(([, value]) => value !== undefined),
  );
  return { ...message, ...(from === undefined ? {} : { sender: from }), ...given };
}
