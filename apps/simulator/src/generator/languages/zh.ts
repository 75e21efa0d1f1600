import { faker } from '@faker-js/faker/locale/zh_CN';

import { cheaplySeeded } from '../cheaply-seeded.ts';
import type { Language } from '../language.ts';

export const chinese: Language = {
  code: 'zh',
  faker: cheaplySeeded(faker),
  country: 'cn',
  subjects: [
    '发票 {no}',
    '【电子发票】{company} {date}',
    '关于发票 {no} 的付款通知',
    '回复：增值税发票 {no}（{amount}）',
  ],
  greetings: ['尊敬的客户：', '您好！'],
  lines: [
    '附件为 {date} 开具的发票 {no}，金额 {amount}，请查收。',
    '请于30日内支付发票 {no}，合计 {amount}。如已付款请忽略本邮件。',
  ],
  fileNames: ['发票_{no}', '电子发票{no}'],
};
