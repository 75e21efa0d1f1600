import { faker } from '@faker-js/faker/locale/ar';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const arabic: Language = {
  code: 'ar',
  faker: cheaplySeeded(faker),
  country: 'ae',
  subjects: [
    'فاتورة رقم {no}',
    'فاتورتكم {no} بتاريخ {date}',
    'تذكير بالدفع: {no}',
    '{company} – فاتورة بقيمة {amount}',
  ],
  greetings: ['السادة الكرام،', 'تحية طيبة وبعد،'],
  lines: [
    'نرفق لكم الفاتورة رقم {no} بتاريخ {date} بقيمة {amount}.',
    'نرجو سداد مبلغ {amount} عن الفاتورة {no} خلال 30 يومًا.',
  ],
  fileNames: ['فاتورة_{no}', 'فاتورة {no}'],
};
