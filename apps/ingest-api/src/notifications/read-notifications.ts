/** One item of a notification POST, as far as it is used. */
export interface Notification {
  subscriptionId: string;
  clientState: string;
  /** null: no lifecycle event of ours to react to */
  lifecycleEvent: 'missed' | 'subscriptionRemoved' | 'reauthorizationRequired' | null;
  /** id of the message that was created; null when the item tells of none */
  messageId: string | null;
  /** what a rich notification carries of the message (docs/graph-contract.md#encrypted-content); null in a basic one */
  encrypted: EncryptedContent | null;
}

/** The message as Graph encrypted it. Base64, not checked yet. */
export interface EncryptedContent {
  data: string;
  dataKey: string;
  dataSignature: string;
  certificateId: string;
}

/** A POST, as far as it is used. */
export interface Notifications {
  items: Notification[];
  /** items that could not be read */
  unreadable: number;
  /** by which a rich POST shows who sent it; empty when it says nothing (docs/graph-contract.md#validation-tokens) */
  validationTokens: string[];
}

/** The body is no collection of notifications, or larger than any: nothing of it is used. */
export class NotificationsRefusedError extends Error {
  readonly code = 'notifications_refused';
  readonly status: 400 | 413;

  constructor(status: 400 | 413, reason: string) {
    super(`notifications refused: ${reason}`);
    this.name = 'NotificationsRefusedError';
    this.status = status;
  }
}

/** Items of one POST; 256 KB hold about 500. Graph names no number (docs/graph-contract.md#notification-items). */
const ITEMS_MAX = 1_000;
/** A collection with everything Graph puts into it is 5 deep. */
const DEPTH_MAX = 32;
const LIFECYCLE_EVENTS = ['missed', 'subscriptionRemoved', 'reauthorizationRequired'] as const;
/** Graph ids are base64 of either alphabet; about 150 characters. */
const MESSAGE_ID = /^[A-Za-z0-9+/_=-]{1,512}$/;

/**
 * Reads the body of a notification POST. Lenient about an item (the official samples spell it three
 * ways, and one item must not cost the others), strict about the collection. Fields are picked one by
 * one into new objects, so nothing in a body reaches a prototype (docs/reliability.md#prototype-pollution).
 *
 * @throws {NotificationsRefusedError}
 */
export function readNotifications(body: Buffer): Notifications {
  if (tooDeep(body)) throw new NotificationsRefusedError(400, 'nested too deep');
  const collection = parse(body);
  const value = field(collection, 'value');
  if (!Array.isArray(value)) throw new NotificationsRefusedError(400, 'no collection');
  if (value.length > ITEMS_MAX) throw new NotificationsRefusedError(413, 'too many items');
  const items = value.map(readItem).filter((item) => item !== null);
  const unreadable = value.length - items.length;
  return { items, unreadable, validationTokens: readTokens(field(collection, 'validationTokens')) };
}

function readItem(item: unknown): Notification | null {
  const subscriptionId = field(item, 'subscriptionId');
  const clientState = field(item, 'clientState');
  if (typeof subscriptionId !== 'string' || subscriptionId.length > 128) return null;
  const event = field(item, 'lifecycleEvent');
  const lifecycleEvent = LIFECYCLE_EVENTS.find((known) => known === event) ?? null;
  return {
    subscriptionId: subscriptionId.toLowerCase(),
    clientState: typeof clientState === 'string' ? clientState : '',
    lifecycleEvent,
    messageId: lifecycleEvent === null ? createdMessage(item) : null,
    encrypted: readEncrypted(field(item, 'encryptedContent')),
  };
}

/** A token that is no text counts as one that proves nothing, so that it is not overlooked. */
function readTokens(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map((token) => (typeof token === 'string' ? token : ''));
}

function readEncrypted(content: unknown): EncryptedContent | null {
  const [data, dataKey, dataSignature, certificateId] = [
    field(content, 'data'),
    field(content, 'dataKey'),
    field(content, 'dataSignature'),
    field(content, 'encryptionCertificateId'),
  ];
  if (typeof data !== 'string' || typeof dataKey !== 'string') return null;
  if (typeof dataSignature !== 'string' || typeof certificateId !== 'string') return null;
  return { data, dataKey, dataSignature, certificateId };
}

/**
 * The id comes from `resourceData`, or else from the end of `resource` in any of its spellings. Which
 * mailbox it is in is never read from the body (docs/graph-contract.md#notification-items,
 * docs/reliability.md#links-of-others).
 */
function createdMessage(item: unknown): string | null {
  const changeType = field(item, 'changeType');
  if (typeof changeType !== 'string' || changeType.toLowerCase() !== 'created') return null;
  const ids = [field(field(item, 'resourceData'), 'id'), idOf(field(item, 'resource'))];
  return ids.find((id): id is string => typeof id === 'string' && MESSAGE_ID.test(id)) ?? null;
}

function idOf(resource: unknown): string | undefined {
  if (typeof resource !== 'string' || resource.length > 2_048) return undefined;
  const match = /\/messages(?:\/([^/']+)|\('([^']+)'\))$/i.exec(resource);
  return match?.[1] ?? match?.[2];
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new NotificationsRefusedError(400, 'no JSON');
  }
}

/** Brackets that are open at once, strings left out; before parsing, because parsing is what depth costs. */
function tooDeep(body: Buffer): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (quoted) {
      if (byte === 0x5c) index += 1;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) {
      quoted = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > DEPTH_MAX) return true;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
