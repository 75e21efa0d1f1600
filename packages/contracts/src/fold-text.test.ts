import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { foldText } from './fold-text.ts';

describe('foldText', () => {
  test.each([
    ['Your INVOICE 4711', 'your invoice 4711'],
    ['invoice\u00A04711', 'invoice 4711'],
    ['invoice  4711', 'invoice 4711'],
    ['invoice\r\n\t4711 ', 'invoice 4711'],
    ['invoice\u2003\u202F\u3000\u28004711', 'invoice 4711'],
    ['in\u200Dvo\u200Bi\u00ADce\uFEFF 4711', 'invoice 4711'],
    ['\u202Einvoice\u202C 4711', 'invoice 4711'],
    ['ＩＮＶＯＩＣＥ　４７１１', 'invoice 4711'],
    ['𝐈𝐧𝐯𝐨𝐢𝐜𝐞 ④', 'invoice 4'],
    ['FATURA İADESİ', 'fatura iadesi'],
    ['FATURA IADESI', 'fatura iadesi'],
    ['fatura ıadesı', 'fatura iadesi'],
    ['FATURA I\u0307ADESI\u0307', 'fatura iadesi'],
    ['MASSNAHME', 'massnahme'],
    ['Maßnahme', 'massnahme'],
    ['MAẞNAHME', 'massnahme'],
    ['Rec\u0327u', 'reçu'],
    ['RECHNUNG Ǆ', 'rechnung dž'],
    ['ﬁle oﬀer', 'file offer'],
    ['ΤΙΜΟΛΌΓΙΟΣ', 'τιμολόγιοσ'],
    ['τιμολόγιος', 'τιμολόγιοσ'],
    ['Nº 7', 'no 7'],
    [' \u200B ', ''],
  ])('%j reads like %j', (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });

  test('keeps accents apart, which are letters of their own', () => {
    expect(foldText('reçu')).not.toBe(foldText('recu'));
  });

  test('property: folding twice changes nothing, and neither does the case before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        expect(foldText(foldText(text))).toBe(foldText(text));
        expect(foldText(text.toUpperCase())).toBe(foldText(text));
      }),
    );
  });

  test('looks at no more than a subject has, whatever comes', () => {
    expect(foldText(`${'x'.repeat(512)}invoice`)).toBe('x'.repeat(512));
    expect(foldText('a\u0301\u0316'.repeat(10_000)).length).toBeLessThanOrEqual(512);
  });
});
