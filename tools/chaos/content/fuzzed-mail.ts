import * as fc from 'fast-check';

import { type MailProperties, PREVIEW_LENGTH_MAX } from './mail-properties.ts';

/** What software has choked on: each alone, and mixed with all of Unicode, halves of pairs included. */
const SPITEFUL = [
  '\0',
  '\uD800',
  '\uDC00\uD83D',
  '\u202Egpj.exe',
  '\u2028\u2029',
  '\r\nBcc: everybody@example.com',
  '\u001B[2J\u0007',
  '\uFEFF\uFFFE\uFFFF',
  'e\u0301\u0301\u0301',
  '👩🏽‍💻🇩🇪',
  '__proto__',
  '{{constructor}}${7*7}',
  '<script>alert(1)</script>',
  '"\\\\\'--\t',
  '=CMD()',
];
/** File names that lead elsewhere where somebody takes them for paths. */
const FILE_NAMES = [
  '../../../etc/passwd',
  'C:\\Windows\\win.ini',
  'CON.pdf',
  'a.pdf\0.exe',
  'invoice\u202Efdp.exe',
  '.',
  ' ',
  '/',
  'a\r\nb.pdf',
  '%2e%2e%2f',
  '%00.xml',
  `${'long'.repeat(300)}.pdf`,
];

const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.constantFrom(...SPITEFUL),
        // Halves as well: nothing that a string of UTF-16 cannot hold is left out.
        fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      ),
      { maxLength: Math.ceil(maxLength / 10) },
    )
    .map((parts) => parts.join('').slice(0, maxLength));

const person = fc.record({
  name: anyText(60),
  address: fc.oneof(fc.emailAddress(), anyText(40), fc.constant('')),
});

const people = fc.oneof(
  { weight: 20, arbitrary: fc.array(person, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.array(person, { minLength: 100, maxLength: 300 }) },
);

const file = fc.record({
  name: fc.oneof(fc.constant(null), fc.constantFrom(...FILE_NAMES), anyText(80)),
  kind: fc.constantFrom('file', 'item', 'reference'),
  contentType: fc.oneof(fc.constant(null), fc.constantFrom('application/pdf', ''), anyText(30)),
  size: fc.oneof(fc.nat(), fc.constantFrom(0, 157_286_400)),
  isInline: fc.boolean(),
});

const mail: fc.Arbitrary<MailProperties> = fc.record(
  {
    subject: fc.oneof(fc.constant(null), fc.constant(''), anyText(120), anyText(10_000)),
    from: fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 5, arbitrary: person }),
    to: people,
    cc: people,
    bodyPreview: anyText(PREVIEW_LENGTH_MAX),
    attachments: fc.array(file, { maxLength: 4 }),
  },
  { requiredKeys: [] },
);

/** So many odd messages: the same for the same seed. */
export const fuzzedMail = (count: number, seed: number): MailProperties[] =>
  fc.sample(mail, { numRuns: count, seed });
