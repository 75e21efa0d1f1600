import { describe, expect, test } from '@jest/globals';

import { exactKeys, isOn, looseKeys } from './fold-rules.ts';

const allows = (listed: string, address: string) =>
  isOn(new Set(exactKeys(listed)), exactKeys(address));
const denies = (listed: string, address: string) =>
  isOn(new Set(looseKeys(listed)), looseKeys(address));

describe('an address on a list', () => {
  test.each([
    ['ar@supplier.example', ' AR@Supplier.EXAMPLE '],
    ['ar@supplier.example', 'ａｒ@supplier．example'],
    ['ar@supplier.example', 'a\u200Br@supplier.example'],
    ['ar@supplier.example', 'ar@sup\u00ADplier.example'],
    ['bilgi@firma.example', 'BİLGİ@firma.example'],
    ['bilgi@firma.example', 'BILGI@FIRMA.EXAMPLE'],
    ['straße@firma.example', 'STRASSE@firma.example'],
    ['@müller.example', 'ar@xn--mller-kva.example'],
    ['@xn--mller-kva.example', 'AR@MÜLLER.example'],
    ['@müller.example', 'ar@mu\u0308ller.example'],
    ['@a..b', 'x@A..B'],
  ])('%j is %j, whether allowed or denied', (listed, address) => {
    expect(allows(listed, address)).toBe(true);
    expect(denies(listed, address)).toBe(true);
  });

  test.each([
    ['@straße.example', 'x@strasse.example'],
    ['@firma-ist.example', 'x@firma-ıst.example'],
    ['@firma-ist.example', 'x@FIRMA-İST.example'],
  ])('%j is another domain in DNS than that of %j: only denied', (listed, address) => {
    expect(allows(listed, address)).toBe(false);
    expect(denies(listed, address)).toBe(true);
  });

  test.each([
    'x@supplier.example/evil.example',
    'x@supplier.example?evil.example',
    'x@supplier.example#evil.example',
    'x@supplier.example\\evil.example',
    'x@supplier.example:25',
    'x@supplier%2Eexample',
    'x@supplier.example evil',
    'x@supp\tlier.example',
    'x@supplier.example\u0000',
    'x@supplier.example@evil.example',
    'x@evil-supplier.example',
    'x@mail.supplier.example',
    'x@supplier.example.evil.example',
    'x@suppl\u0456er.example',
    `x@${'\u200B'.repeat(10_000)}supplier.example`,
    'supplier.example',
    '',
  ])('%j is not of the domain that its text contains', (address) => {
    expect(allows('@supplier.example', address)).toBe(false);
  });
});
