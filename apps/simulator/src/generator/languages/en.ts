import { faker } from '@faker-js/faker/locale/en';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const english: Language = {
  code: 'en',
  faker: cheaplySeeded(faker),
  country: 'com',
  subjects: [
    'Invoice {no}',
    'Invoice {no} from {company}',
    'Your invoice {no} dated {date} is ready',
    'RE: FW: Overdue invoice {no} ({amount})',
    'Statement of account {date}',
    'Payment reminder: {no}',
  ],
  greetings: ['Dear customer,', 'Hello,', 'Hi accounts team,'],
  lines: [
    'please find attached invoice {no} for {amount}, due within 30 days of {date}.',
    'your invoice {no} is attached. Kindly quote the number with your payment of {amount}.',
    'our records show that {no} over {amount} is still open. Please ignore this mail if it was paid.',
  ],
  fileNames: ['Invoice_{no}', 'INV-{no}', 'invoice {no} (copy)'],
};
