import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { FileProperties, MailProperties } from './mail-properties.ts';
import { readEml } from './read-eml.ts';

/** Real mails and invoices beside the checkout; they are never copied into it. */
const DATA = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.xml': 'application/xml',
};
const FILES_A_MAIL = 3;

/** The mails, and the invoices by threes as attachments of messages; none where the folder is not there. */
export function sharedMail(folder = DATA): MailProperties[] {
  const mails = filesIn(join(folder, 'emails')).map((file) => readEml(readFileSync(file)));
  const invoices = filesIn(join(folder, 'invoices')).map(attachmentOf);
  const carriers: MailProperties[] = [];
  for (let from = 0; from < invoices.length; from += FILES_A_MAIL) {
    const attachments = invoices.slice(from, from + FILES_A_MAIL);
    carriers.push({ subject: attachments[0]?.name ?? null, attachments });
  }
  return [...mails, ...carriers];
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function attachmentOf(file: string): FileProperties {
  const contentType = TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream';
  return { name: basename(file), contentType, size: statSync(file).size };
}
