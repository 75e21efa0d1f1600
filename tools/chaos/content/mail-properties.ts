/** What the simulator takes for a message that is put in (apps/simulator/src/generator/message-overrides.ts). */
export interface MailProperties {
  readonly internetMessageId?: string;
  readonly subject?: string | null;
  readonly from?: Person | null;
  readonly to?: readonly Person[];
  readonly cc?: readonly Person[];
  readonly bodyPreview?: string;
  readonly attachments?: readonly FileProperties[];
}

export interface Person {
  readonly name: string;
  readonly address: string;
}

export interface FileProperties {
  readonly name: string | null;
  readonly kind?: 'file' | 'item' | 'reference';
  readonly contentType?: string | null;
  readonly size?: number;
  readonly isInline?: boolean;
}

/** as Graph gives: UTF-16 units */
export const PREVIEW_LENGTH_MAX = 255;
