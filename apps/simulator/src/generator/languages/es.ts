import { faker } from '@faker-js/faker/locale/es';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const spanish: Language = {
  code: 'es',
  faker: cheaplySeeded(faker),
  country: 'es',
  subjects: [
    'Factura {no}',
    'Su factura {no} de {date}',
    '{company}: factura por {amount}',
    'Recordatorio de pago {no}',
    '¿Factura {no} pendiente?',
  ],
  greetings: ['Estimado cliente:', 'Buenos días:', 'Hola,'],
  lines: [
    'adjuntamos la factura {no} de fecha {date} por importe de {amount}.',
    'le enviamos la factura {no}. El pago de {amount} vence a los 30 días.',
    'aún no hemos recibido el pago de la factura {no}.',
  ],
  fileNames: ['Factura_{no}', 'FRA-{no}', 'factura año {no}'],
};
