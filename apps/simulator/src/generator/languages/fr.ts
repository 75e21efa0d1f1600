import { faker } from '@faker-js/faker/locale/fr';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const french: Language = {
  code: 'fr',
  faker: cheaplySeeded(faker),
  country: 'fr',
  subjects: [
    'Facture n° {no}',
    'Votre facture {no} du {date}',
    '{company} – facture {amount}',
    'Relance : facture {no} impayée',
    'TR : Facture {no}',
  ],
  greetings: ['Bonjour,', 'Madame, Monsieur,'],
  lines: [
    'veuillez trouver ci-joint la facture {no} du {date} d’un montant de {amount}.',
    'nous vous prions de bien vouloir régler la facture {no} ({amount}) sous 30 jours.',
    'sauf erreur de notre part, la facture {no} reste à régler.',
  ],
  fileNames: ['Facture_{no}', 'FAC-{no}', 'Facture n° {no}'],
};
