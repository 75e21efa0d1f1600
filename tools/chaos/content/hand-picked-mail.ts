import type { FileProperties, MailProperties, Person } from './mail-properties.ts';

const people = (count: number, of: string): Person[] =>
  Array.from({ length: count }, (_, n) => ({
    name: `${of} ${n}`,
    address: `${of}${n}@example.com`,
  }));

const files = (count: number, size: number): FileProperties[] =>
  Array.from({ length: count }, (_, n) => ({ name: `invoice-${n}.pdf`, size }));

/** The rows of the matrix that name a message: C1, C3 and C4. */
export const HAND_PICKED: readonly MailProperties[] = [
  { subject: 'x'.repeat(10_000) },
  { subject: '😀'.repeat(5_000) },
  { subject: null, bodyPreview: '', attachments: [], to: [], cc: [] },
  { subject: '', from: null },
  { subject: 'to a thousand', to: people(1_000, 'to') },
  { subject: 'to and copied to a thousand', to: people(500, 'to'), cc: people(500, 'cc') },
  { subject: 'a file of 150 MB', attachments: files(1, 157_286_400) },
  { subject: '200 files of 1 MB', attachments: files(200, 1_048_576) },
  { subject: '400 files, more than a record holds', attachments: files(400, 20_000) },
  { subject: 'one of two mails with one Message-ID', internetMessageId: '<twice@example.com>' },
  { subject: 'the other one', internetMessageId: '<twice@example.com>' },
  { subject: 'no Message-ID', internetMessageId: '' },
  {
    subject: 'a zip bomb by name',
    attachments: [{ name: '42.zip', contentType: 'application/zip' }],
  },
];
