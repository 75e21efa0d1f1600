import { faker } from '@faker-js/faker/locale/pt_PT';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const portuguese: Language = {
  code: 'pt',
  faker: cheaplySeeded(faker),
  country: 'pt',
  subjects: [
    'Fatura {no}',
    'Envio da fatura {no} de {date}',
    '{company} – fatura no valor de {amount}',
    'Aviso: fatura {no} em atraso',
  ],
  greetings: ['Exmos. Senhores,', 'Bom dia,'],
  lines: [
    'em anexo enviamos a fatura {no} de {date} no valor de {amount}.',
    'agradecemos o pagamento de {amount} referente à fatura {no} até 30 dias.',
  ],
  fileNames: ['Fatura_{no}', 'FT {no}'],
};
