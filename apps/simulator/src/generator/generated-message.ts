/** A person or a robot that writes or reads mail. */
export interface Correspondent {
  readonly name: string;
  readonly address: string;
}

export interface GeneratedAttachment {
  readonly name: string | null;
  readonly kind: 'file' | 'item' | 'reference';
  readonly contentType: string | null;
  /** bytes */
  readonly size: number;
  readonly isInline: boolean;
}

export interface InternetHeader {
  readonly name: string;
  readonly value: string;
}

/** What a message says. It depends on seed, index and mailbox only, never on another message or the clock. */
export interface GeneratedMessage {
  readonly language: string;
  readonly internetMessageId: string;
  readonly conversationId: string;
  readonly subject: string | null;
  readonly from: Correspondent | null;
  readonly sender: Correspondent | null;
  readonly to: readonly Correspondent[];
  readonly cc: readonly Correspondent[];
  readonly replyTo: readonly Correspondent[];
  readonly importance: 'low' | 'normal' | 'high';
  /** at most 255 characters, as Graph gives */
  readonly bodyPreview: string;
  readonly isDraft: boolean;
  /** undefined: an ordinary message */
  readonly odataType?: string | undefined;
  /** what its sender's program has written beside, or instead of, what every program writes; may be forged */
  readonly headers: readonly InternetHeader[];
  /** what Exchange found out about the sender, as it writes it; null: nothing. undefined: the domain of From has sent it */
  readonly authenticationResults?: string | null | undefined;
  /** ms before it was received */
  readonly sentBeforeMs: number;
  readonly attachments: readonly GeneratedAttachment[];
}
