import type { MessageOverrides } from '../message-overrides.ts';

type File = NonNullable<MessageOverrides['attachments']>[number];

/** A mail of a form that somebody has seen, by what is particular about it. */
export interface Shape {
  /** the generator makes up the rest */
  readonly properties: MessageOverrides;
  /** which of its files are an invoice, hold one or lead to one: what a person says who opens them, by position */
  readonly invoices: readonly number[];
}

export type Shapes = Readonly<Record<string, Shape>>;

interface ShapeFile extends File {
  isInvoice: boolean;
}

type Claims = Partial<Omit<File, 'name' | 'contentType'>>;

const make =
  (isInvoice: boolean) =>
  (name: string | null, contentType: string | null, claims: Claims = {}): ShapeFile => ({
    name,
    contentType,
    kind: 'file',
    size: 48_000,
    isInline: false,
    ...claims,
    isInvoice,
  });

/** A file that is an invoice, holds one or leads to one. */
export const invoice = make(true);
/** One that is none, whatever it is called. */
export const other = make(false);

export const INLINE = { isInline: true } as const;

export function mail(
  files: readonly ShapeFile[],
  properties: Omit<MessageOverrides, 'attachments'> = {},
): Shape {
  const attachments = files.map((file): File => {
    const { isInvoice: _, ...claimed } = file;
    return claimed;
  });
  return {
    properties: { ...properties, attachments },
    invoices: [...files.keys()].filter((index) => files[index]?.isInvoice),
  };
}
