import type { Random } from './random.ts';

type Twist = (subject: string, random: Random) => string | null;

/** What subjects look like once real people and real software have had them. Never a CR or LF: mail servers strip those. */
const TWISTS: readonly [[Twist, number], ...[Twist, number][]] = [
  [() => '', 20],
  [() => null, 4],
  [(subject) => `\u202e${subject}\u202c`, 10],
  [
    (subject, random) =>
      `${random.pick(['🧾', '💶', '⚠️', '👩🏽‍💻', '🇩🇪'])} ${subject} ${random.pick(['🙏', '✅', '🎉'])}`,
    25,
  ],
  [(subject) => `${subject} `.repeat(12).slice(0, 700), 5],
  [(subject) => `RE: AW: WG: FW: Re: ${subject}`, 20],
  [(subject) => `   ${subject}\u00a0\u200b  `, 10],
  [(subject) => subject.toUpperCase(), 15],
  [(subject) => `<script>alert("${subject}")</script>`, 4],
  [(subject) => `=?utf-8?B?${Buffer.from(subject).toString('base64').slice(0, 60)}?=`, 6],
  [(subject) => subject.normalize('NFD'), 10],
  [(subject) => `"${subject}" \\ {{customer.name}} %s $(id) ' OR 1=1 --`, 4],
  [(subject) => `${subject}\t(копия) Ελληνικά עברית ไทย`, 10],
  [(subject) => `[EXTERN] ${subject} #${subject.length}/2026`, 20],
];

/** Makes about one subject in eight odd. */
export function oddSubject(subject: string, random: Random): string | null {
  return random.chance(0.12) ? random.weighted(TWISTS)(subject, random) : subject;
}
