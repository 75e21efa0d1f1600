import { faker } from '@faker-js/faker/locale/pl';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const polish: Language = {
  code: 'pl',
  faker: cheaplySeeded(faker),
  country: 'pl',
  subjects: [
    'Faktura VAT nr {no}',
    'Faktura {no} z dnia {date}',
    '{company} – faktura na kwotę {amount}',
    'Przypomnienie o płatności: {no}',
    'ODP: Faktura {no} – błąd w NIP',
  ],
  greetings: ['Szanowni Państwo,', 'Dzień dobry,'],
  lines: [
    'w załączeniu przesyłamy fakturę {no} z dnia {date} na kwotę {amount}.',
    'uprzejmie prosimy o zapłatę {amount} za fakturę {no} w terminie 14 dni.',
    'dotychczas nie odnotowaliśmy wpłaty za fakturę {no}.',
  ],
  fileNames: ['Faktura_{no}', 'FV-{no}', 'faktura źródłowa {no}'],
};
