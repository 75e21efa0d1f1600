import { foldText } from '@ms1/contracts';

export interface FileName {
  /** as it is compared */
  whole: string;
  /** '' for none */
  extension: string;
  /** the one before that, as in invoice.pdf.exe and invoice.xml.p7m */
  inner: string;
}

/** UTF-16 units from the end: an encoded name of 255 characters has as many. */
const ENCODED_MAX = 1_024;
/** No file system takes names of more than 255; what is before the extensions does not matter. */
const LENGTH_MAX = 255;

/** What people do not see at the end of a name, and Windows does not keep there. */
const TAIL = new Set(' ."\',;');

/** Up to ten letters or digits; what a browser or a second copy puts behind them, `(2)`, is not part of it. */
const EXTENSION = /^ ?(\w{1,10})(?:[ _]?[([]\d{1,3}[)\]])?$/;

/**
 * The extensions of a name as the file system of who opens it would see them: in logical order, whatever a right-to-left
 * override shows, without what is not seen, and decoded where the sender's program was not understood (RFC 2047, 2231).
 */
export function readFileName(name: string): FileName {
  const whole = trimTail(foldText(decode(name.slice(-ENCODED_MAX)).slice(-LENGTH_MAX)));
  const [rest, extension] = split(whole);
  return { whole, extension, inner: split(rest)[1] };
}

/** [what is before the extension, the extension] */
function split(name: string): [string, string] {
  const dot = name.lastIndexOf('.');
  const [, extension = ''] = dot < 0 ? [] : (EXTENSION.exec(name.slice(dot + 1)) ?? []);
  return extension === '' ? [name, ''] : [trimTail(name.slice(0, dot)), extension];
}

/** By hand: an expression for it is quadratic in a name of blanks. */
function trimTail(name: string): string {
  let end = name.length;
  while (end > 0 && TAIL.has(name.charAt(end - 1))) end -= 1;
  return name.slice(0, end);
}

/** Extensions are ASCII, so bytes will do, whatever the charset. */
function decode(name: string): string {
  const words = name.includes('=?')
    ? name.replaceAll(/=\?[^?\s]{1,40}\?([bq])\?([^?]*)\?=/gi, (_, way: string, text: string) =>
        way.toLowerCase() === 'b'
          ? Buffer.from(text, 'base64').toString('latin1')
          : bytesIn(text, /=([0-9a-f]{2})/gi),
      )
    : name;
  return /^[\w-]{1,40}'[\w-]{0,20}'/.test(words) ? bytesIn(words, /%([0-9a-f]{2})/gi) : words;
}

function bytesIn(text: string, code: RegExp): string {
  return text.replaceAll(code, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
