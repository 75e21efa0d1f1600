import type { Correspondent } from './generated-message.ts';
import type { Language } from './language.ts';
import type { Random } from './random.ts';

const SENDERS = [
  'rechnung',
  'invoice',
  'billing',
  'accounts',
  'no-reply',
  'buchhaltung',
  'ar',
] as const;

/** The company that sends an invoice, and the domain it sends from. */
export interface Supplier {
  readonly company: string;
  readonly domain: string;
}

export function generateSupplier({ faker, country }: Language, random: Random): Supplier {
  return {
    company: faker.company.name(),
    domain: `${random.pick(['fa-', 'shop-', 'mail.', 'x', ''])}${random.int(100, 99_999)}.example-${country}.test`,
  };
}

export function generateSender(
  supplier: Supplier,
  language: Language,
  random: Random,
): Correspondent {
  const name = random.chance(0.5) ? supplier.company : language.faker.person.fullName();
  return { name, address: `${random.pick(SENDERS)}@${supplier.domain}` };
}

/** Further recipients: usually none, sometimes a few, and once in thousands a whole distribution list. */
export function generateCopies(
  language: Language,
  domain: string,
  random: Random,
): Correspondent[] {
  const count = random.weighted<() => number>([
    [() => 0, 8_600],
    [() => random.int(1, 3), 1_300],
    [() => random.int(8, 20), 95],
    [() => random.int(40, 60), 4],
    [() => random.int(120, 150), 1],
  ])();
  return Array.from({ length: count }, () => {
    const name = language.faker.person.fullName();
    return { name, address: `p${random.int(1_000, 999_999)}@${domain}` };
  });
}
