import { faker } from '@faker-js/faker/locale/de';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const german: Language = {
  code: 'de',
  faker: cheaplySeeded(faker),
  country: 'de',
  subjects: [
    'Rechnung {no}',
    'Ihre Rechnung {no} vom {date}',
    '{company}: Rechnung über {amount}',
    'Zahlungserinnerung zu {no}',
    'AW: Rechnung {no} – fehlende Bestellnummer',
    'Gutschrift {no}',
  ],
  greetings: ['Sehr geehrte Damen und Herren,', 'Guten Tag,', 'Hallo zusammen,'],
  lines: [
    'anbei erhalten Sie die Rechnung {no} vom {date} über {amount}. Zahlbar innerhalb von 14 Tagen ohne Abzug.',
    'im Anhang finden Sie unsere Rechnung {no}. Bitte überweisen Sie {amount} unter Angabe der Rechnungsnummer.',
    'leider konnten wir zu {no} noch keinen Zahlungseingang über {amount} feststellen.',
  ],
  fileNames: ['Rechnung_{no}', 'RE-{no}', 'Gutschrift {no}'],
};
