import { faker } from '@faker-js/faker/locale/ja';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const japanese: Language = {
  code: 'ja',
  faker: cheaplySeeded(faker),
  country: 'jp',
  subjects: [
    '請求書 {no} のご送付',
    '【{company}】請求書（{date}）',
    '{date}分 ご請求のお知らせ {no}',
    'Re: 請求書 {no} の件',
  ],
  greetings: ['いつもお世話になっております。', '経理ご担当者様'],
  lines: [
    '{date}付の請求書 {no}（{amount}）を添付にてお送りいたします。ご確認のほどよろしくお願いいたします。',
    '請求書 {no} につきまして、お支払期日までに {amount} をお振り込みください。',
  ],
  fileNames: ['請求書_{no}', '御請求書{no}'],
};
