import { faker } from '@faker-js/faker/locale/nl';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const dutch: Language = {
  code: 'nl',
  faker: cheaplySeeded(faker),
  country: 'nl',
  subjects: [
    'Factuur {no}',
    'Uw factuur {no} van {date}',
    '{company}: factuur van {amount}',
    'Herinnering factuur {no}',
  ],
  greetings: ['Geachte heer/mevrouw,', 'Beste relatie,'],
  lines: [
    'bijgaand ontvangt u factuur {no} van {date} ten bedrage van {amount}.',
    'wij verzoeken u {amount} binnen 14 dagen over te maken onder vermelding van {no}.',
  ],
  fileNames: ['Factuur_{no}', 'F-{no}'],
};
