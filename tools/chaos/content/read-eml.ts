import type { FileProperties, MailProperties, Person } from './mail-properties.ts';
import { PREVIEW_LENGTH_MAX } from './mail-properties.ts';

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Parts in parts: deeper than any mail that was meant. */
const DEPTH_MAX = 10;

/**
 * A mail as Graph would roughly show it: subject, people, the beginning of its text, its files. Bytes are taken as they
 * are where they are no UTF-8, so what mail programs have done to headers stays odd; nothing here has to be right, only the
 * same at both ends.
 */
export function readEml(bytes: Buffer): MailProperties {
  const mail = partOf(textOf(bytes));
  const leaves = leavesOf(mail, 0);
  const header = (name: string): string | null => decodeWords(mail.headers.get(name) ?? null);
  const text = leaves.find((leaf) => fileOf(leaf) === undefined)?.body ?? '';
  const [from] = peopleOf(header('from') ?? '');
  return {
    subject: header('subject'),
    from: from ?? null,
    to: peopleOf(header('to') ?? ''),
    cc: peopleOf(header('cc') ?? ''),
    bodyPreview: text.slice(0, PREVIEW_LENGTH_MAX),
    attachments: leaves.flatMap((leaf) => fileOf(leaf) ?? []),
    ...idOf(mail.headers.get('message-id')),
  };
}

const idOf = (id: string | undefined): { internetMessageId?: string } =>
  id === undefined ? {} : { internetMessageId: id };

function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? bytes.toString('latin1') : text;
}

function partOf(text: string): Part {
  const lines = text.replaceAll('\r\n', '\n');
  const end = lines.indexOf('\n\n');
  const head = end === -1 ? lines : lines.slice(0, end);
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: end === -1 ? '' : lines.slice(end + 2) };
}

function leavesOf(part: Part, depth: number): Part[] {
  const boundary = parameterOf(part.headers.get('content-type'), 'boundary');
  if (boundary === undefined || depth > DEPTH_MAX) return [part];
  const [, ...parts] = part.body.split(`--${boundary}`);
  return parts
    .filter((inner) => !inner.startsWith('--'))
    .flatMap((inner) => leavesOf(partOf(inner.replace(/^\n/, '')), depth + 1));
}

function fileOf({ headers, body }: Part): FileProperties | undefined {
  const type = headers.get('content-type');
  const disposition = headers.get('content-disposition');
  const name = parameterOf(disposition, 'filename') ?? parameterOf(type, 'name');
  const isFile = name !== undefined || /^attachment/i.test(disposition ?? '');
  if (!isFile) return undefined;
  const contentType = type?.split(';')[0]?.trim() ?? null;
  return {
    name: decodeWords(name ?? null),
    kind: contentType?.toLowerCase() === 'message/rfc822' ? 'item' : 'file',
    contentType,
    size: Buffer.byteLength(body),
    isInline: /^inline/i.test(disposition ?? ''),
  };
}

function parameterOf(header: string | undefined, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\*?=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(header ?? '');
  return found?.[1] ?? found?.[2];
}

function peopleOf(list: string): Person[] {
  return list
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [, name = '', address] = /^(.*?)\s*<([^<>]*)>/.exec(one) ?? [];
      return { name: name.replaceAll('"', ''), address: address ?? one };
    });
}

/** RFC 2047; what cannot be decoded stays as it is. */
function decodeWords(text: string | null): string | null {
  return (
    text?.replaceAll(
      /=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi,
      (word, charset: string, kind: string, coded: string) => {
        const bytes =
          kind.toLowerCase() === 'b'
            ? Buffer.from(coded, 'base64')
            : Buffer.from(
                coded
                  .replaceAll('_', ' ')
                  .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) =>
                    String.fromCharCode(Number.parseInt(hex, 16)),
                  ),
                'latin1',
              );
        try {
          return new TextDecoder(charset).decode(bytes);
        } catch {
          return word;
        }
      },
    ) ?? null
  );
}
