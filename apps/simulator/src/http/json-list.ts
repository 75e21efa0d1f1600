/**
 * A body `{ ...envelope, "value": [...] }` whose items are JSON already. It is sent as it is, and says the same to whoever
 * takes it for an object.
 */
export class JsonList {
  readonly envelope: object;
  /** each the UTF-8 of one item */
  readonly value: readonly Buffer[];

  constructor(envelope: object, value: readonly Buffer[]) {
    this.envelope = envelope;
    this.value = value;
  }

  encode(): Buffer {
    const envelope = JSON.stringify(this.envelope).slice(0, -1);
    const parts: Buffer[] = [Buffer.from(`${envelope}${envelope === '{' ? '' : ','}"value":[`)];
    for (const [position, item] of this.value.entries()) {
      if (position > 0) parts.push(COMMA);
      parts.push(item);
    }
    parts.push(END);
    return Buffer.concat(parts);
  }

  toJSON(): object {
    return { ...this.envelope, value: this.value.map((item) => JSON.parse(item.toString())) };
  }
}

const COMMA = Buffer.from(',');
const END = Buffer.from(']}');
