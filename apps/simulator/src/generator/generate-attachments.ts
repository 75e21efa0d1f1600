import type { GeneratedAttachment } from './generated-message.ts';
import type { Random } from './random.ts';

type Recipe = (name: string, random: Random) => GeneratedAttachment[];

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const pdf: Recipe = (name, random) => [
  file(
    `${name}.pdf`,
    random.chance(0.9) ? 'application/pdf' : 'application/octet-stream',
    random.int(18_000, 900_000),
  ),
];
const logo: Recipe = (_name, random) => [
  {
    ...file(`image00${random.int(1, 4)}.png`, 'image/png', random.int(900, 30_000)),
    isInline: true,
  },
];
const xml: Recipe = (name, random) => [
  file(`${name}.xml`, random.pick(['application/xml', 'text/xml']), random.int(4_000, 60_000)),
];
const zip: Recipe = (name, random) => [
  file(
    `${name}.zip`,
    random.pick(['application/zip', 'application/x-zip-compressed']),
    random.int(60_000, 3_000_000),
  ),
];
const word: Recipe = (name, random) => [file(`${name}.docx`, WORD, random.int(13_000, 200_000))];
const item: Recipe = (name, random) => [
  {
    name: `FW: ${name}`,
    kind: 'item',
    contentType: random.chance(0.5) ? 'message/rfc822' : null,
    size: random.int(8_000, 400_000),
    isInline: false,
  },
];
const link: Recipe = (name, random) => [
  {
    name: `${name}.pdf`,
    kind: 'reference',
    contentType: random.chance(0.5) ? 'application/pdf' : null,
    size: random.int(500, 2_000),
    isInline: false,
  },
];
const many: Recipe = (name, random) =>
  Array.from({ length: random.int(3, 6) }, (_, n) => pdf(`${name}-${n + 1}`, random)).flat();

/** How invoices travel: mostly one PDF, often with a logo, sometimes as an e-invoice pair, sometimes as a link to a portal. */
const RECIPES: readonly [[readonly Recipe[], number], ...[readonly Recipe[], number][]] = [
  [[pdf], 42],
  [[pdf, logo], 10],
  [[pdf, xml], 9],
  [[xml], 2],
  [[zip], 4],
  [[word], 3],
  [[item], 3],
  [[link], 3],
  [[many], 2],
  [[logo], 6],
  [[logo, logo], 2],
  [[], 14],
];

/** The attachments of one message. `name` is the base of their file names. */
export function generateAttachments(name: string, random: Random): GeneratedAttachment[] {
  const attachments = random.weighted(RECIPES).flatMap((recipe) => recipe(name, random));
  // A nameless attachment is rare and real: Graph says null.
  const [first, ...rest] = attachments;
  return first && random.chance(0.003) ? [{ ...first, name: null }, ...rest] : attachments;
}

function file(name: string, contentType: string, size: number): GeneratedAttachment {
  return { name, kind: 'file', contentType, size, isInline: false };
}
