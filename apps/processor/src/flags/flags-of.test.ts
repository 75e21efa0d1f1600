import { describe, expect, test } from '@jest/globals';
import type { MessageRules } from '@ms1/contracts';

import { foldRules } from '../fold-rules.ts';
import { flagsOf } from './flags-of.ts';

const RULES: MessageRules = { senders: { allow: ['@supplier.example', 'ar@müller.example'] } };
const mail = (address: string | null, { name = 'x', replyTo = [] as string[] } = {}) => ({
  from: address === null ? null : { address, name },
  sender: null,
  replyTo: replyTo.map((reply) => ({ address: reply, name: null })),
});
const flags = (given: ReturnType<typeof mail>, rules = RULES) => flagsOf(foldRules(rules), given);

describe('flagsOf', () => {
  test.each([
    ['supplier.example'],
    ['SUPPLIER.example'],
    ['mail.supplier.example'],
    ['xn--mller-kva.example'],
    ['another.example'],
    ['suppliers-of-paper.example'],
    ['müller.test'],
  ])('%s is not odd', (domain) => {
    expect(flags(mail(`ar@${domain}`))).toEqual([]);
  });

  test.each([
    ['suppl\u0456er.example'],
    ['xn--suppler-vog.example'],
    ['supp1ier.example'],
    ['suppIier.example'],
    ['suplier.example'],
    ['suppplier.example'],
    ['suppleir.example'],
    ['supplier.exarnple'],
    ['supplíer.example'],
    ['ｓｕｐｐｌｉｅｒ.exampIe'],
    ['supplier.example.evil.test'],
    ['muller.example'],
    ['mu11er.example'],
  ])('%s reads like a domain that is allowed', (domain) => {
    expect(flags(mail(`ar@${domain}`))).toEqual(['lookalike_domain']);
    expect(flags(mail('ar@supplier.example', { replyTo: [`ar@${domain}`] }))).toContain(
      'lookalike_domain',
    );
    expect(flags(mail(`ar@${domain}`), {})).toEqual([]);
  });

  test.each<[string, string[], boolean]>([
    ['ar@supplier.example', ['ar@supplier.example'], false],
    ['ar@mail.supplier.example', ['support@supplier.example'], false],
    ['ar@supplier.example', ['support@mail.supplier.example', 'x@SUPPLIER.example'], false],
    ['ar@supplier.example', ['nobody'], false],
    ['ar@supplier.example', ['ar@supplier.example', 'x@evil.test'], true],
    ['ar@supplier.example', ['x@evilsupplier.example'], true],
  ])('an answer to %s goes to %j: elsewhere %j', (from, replyTo, is) => {
    expect(flags(mail(from, { replyTo })).includes('reply_to_other_domain')).toBe(is);
  });

  test.each<[string, string, boolean]>([
    ['ar@supplier.example', 'x@evil.test', true],
    ['Supplier <AR@Supplier.example>', 'x@evil.test', true],
    ['"a\u200Br@supplier.example" via List', 'x@evil.test', true],
    ['ar@supplier.example', 'ar@supplier.example', false],
    ['other@müller.example', 'x@evil.test', false],
    ['x@evil.test', 'y@evil.test', false],
    ['Supplier at supplier.example', 'x@evil.test', false],
  ])('%j as the name of %s carries an address that is allowed: %j', (name, address, is) => {
    expect(flags(mail(address, { name })).includes('address_in_name')).toBe(is);
  });

  test('nobody is nothing odd, and no mail takes long', () => {
    expect(flags(mail(null))).toEqual([]);
    const many = Array.from({ length: 50_000 }, (_, n) => `x@${n}.example`);
    const name = 'a@'.repeat(50_000);
    expect(flags(mail('ar@supplier.example', { name, replyTo: many }))).toContain(
      'reply_to_other_domain',
    );
  });
});
