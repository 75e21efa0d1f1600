import type { Attachment, Container } from '@ms1/contracts';

import { readFileName } from './file-name.ts';
import { type FileType, typeOfContent, typeOfExtension, typeOfName } from './file-types.ts';

export interface JudgedFile {
  is: 'candidate' | 'container' | 'link' | 'none';
  /** could it be an invoice, hold one, or lead to one? */
  invoiceCandidate: boolean;
  container?: Container;
}

/** A type longer than that is none; what is behind it are parameters. */
const CONTENT_TYPE_MAX = 1_024;

const NONE: JudgedFile = { is: 'none', invoiceCandidate: false };
const CANDIDATE: JudgedFile = { is: 'candidate', invoiceCandidate: true };

/** Of these a name, and then a type, is believed. */
function isTelling(type: FileType): boolean {
  return !['text', 'other', 'program', 'unsaid'].includes(type);
}

/**
 * What a file is, by its content type, name and extension together (docs/mail.md#files). No invoice is to be missed, so
 * what says nothing may be one; a name that says more than a type is believed, because it is what people see.
 */
export function judgeFile({
  kind,
  name,
  contentType,
  isInline,
}: Pick<Attachment, 'kind' | 'name' | 'contentType' | 'isInline'>): JudgedFile {
  const claimed = contentType?.slice(0, CONTENT_TYPE_MAX) ?? '';
  const type = (claimed.split(';', 1)[0] ?? '').trim().toLowerCase();
  const byType = typeOfContent(type);
  // The name of an item is its subject.
  if (kind === 'item') return byType === 'other' ? NONE : holding('item', 'message');
  const { whole, extension, inner } = readFileName(name?.trim() ? name : nameIn(claimed));
  const byName = typeOfName(whole) ?? typeOfExtension(extension);
  // So is that of a mail which is attached as a file.
  const is = byType === 'eml' ? byType : decide(byName, byType);
  if (is === 'scan' && isInline) return NONE;
  if (kind === 'reference') return { is: 'link', invoiceCandidate: isTelling(is) };
  const within = decide(typeOfExtension(inner), 'unsaid');
  switch (is) {
    case 'document':
    case 'scan':
      return CANDIDATE;
    case 'text':
    case 'other':
    case 'program':
    case 'unsaid':
      return NONE;
    case 'link':
      return { is: 'link', invoiceCandidate: isTelling(within) };
    case 'archive':
    case 'tnef':
      return holding(is, 'files');
    case 'p7m':
      return holding(is, isWholeMail(whole, type) ? 'message' : 'file');
    case 'p7s':
      if (isMultipart(type)) return holding(is, 'message');
      return holding(is, isTelling(typeOfExtension(inner)) ? 'file' : 'signature');
    case 'item':
    case 'eml':
    case 'msg':
    case 'rpmsg':
    case 'pgp':
      return holding(is, 'message');
  }
}

/** The name where it tells; else the type where that does; and what neither says may be anything. */
function decide(byName: FileType, byType: FileType): FileType {
  if (byName === 'program' || isTelling(byName)) return byName;
  if (isTelling(byType)) return byType;
  if (byName !== 'unsaid') return byName;
  return byType === 'unsaid' ? 'document' : byType;
}

function holding(format: Container['format'], inside: Container['inside']): JudgedFile {
  return {
    is: 'container',
    invoiceCandidate: inside !== 'signature',
    container: { format, inside },
  };
}

/** Exchange shows signed and encrypted mail as one file; other files of the kind are somebody's signed document. */
function isWholeMail(name: string, type: string): boolean {
  return isMultipart(type) || name === 'smime.p7m';
}

function isMultipart(type: string): boolean {
  return type.startsWith('multipart/');
}

/** RFC 2231 lets it come in several pieces. */
function nameIn(contentType: string): string {
  const pieces = contentType.matchAll(/;\s*(?:file)?name(?:\*\d*\*?)?=\s*"?([^";]+)/gi);
  return [...pieces].map(([, piece = '']) => piece).join('');
}
