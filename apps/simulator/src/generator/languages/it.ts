import { faker } from '@faker-js/faker/locale/it';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const italian: Language = {
  code: 'it',
  faker: cheaplySeeded(faker),
  country: 'it',
  subjects: [
    'Fattura n. {no}',
    'Invio fattura {no} del {date}',
    '{company} – fattura di {amount}',
    'Sollecito di pagamento {no}',
    'I: Fattura elettronica {no}',
  ],
  greetings: ['Gentile cliente,', 'Buongiorno,', 'Spett.le ditta,'],
  lines: [
    'in allegato trasmettiamo la fattura {no} del {date} per un importo di {amount}.',
    'vi inviamo copia di cortesia della fattura elettronica {no} ({amount}).',
    'a oggi la fattura {no} non risulta ancora saldata.',
  ],
  fileNames: ['Fattura_{no}', 'FT-{no}', 'IT01234567890_{no}'],
};
