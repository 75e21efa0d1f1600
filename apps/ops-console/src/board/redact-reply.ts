import { shownReason } from '@ms1/queue';

const REDACTED = '[redacted]';

/** A run of characters that an address is made of. One pass over the text, whatever the text: a run never backtracks. */
const WORD = /[^\s<>()[\]{}",;:']+/g;

/** An @ with something around it; a slash before it is a scoped package in a stack trace. */
const ADDRESS = /[^@/]@[^@]/;

/**
 * Lines of a stack that say where. By their whole form, because what went wrong may be told in several lines, and any of them may
 * begin with "at".
 */
const FRAME =
  /^\s+at (?:(?:async |new )?[\w.$#<>]+(?: \[as [\w.$]+\])? \((?:[^\s()]+:\d+:\d+|<anonymous>|index \d+)\)|(?:async )?[^\s()]+:\d+:\d+)$/;
/** What Microsoft's support asks for, as GraphError writes it. */
const SUPPORT =
  /^\s+for support: (?:(?:, )?(?:asked for [\w-]+|(?:client-)?request-id [\w-]+|date (?:\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT|[\d:.TZ-]+)|x-ms-ags-diagnostic \{"ServerInfo":\{(?:"\w+":"[\w .-]*",?)*\}\}))+$/;

/**
 * A reply of the board for whoever may not see mail. Why a job failed is shown where it is a code or in words of ours; its
 * stack without what it says; what was logged for it not at all, because nothing of ours logs there. In everything else
 * addresses are replaced.
 */
export function redactReply(body: unknown): unknown {
  return Array.isArray(body) && body.every((line) => typeof line === 'string')
    ? body.map(() => REDACTED)
    : redact(body);
}

function redact(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (name === 'failedReason') return shownReason(value) ?? REDACTED;
    return name === 'stacktrace' ? redactStack(value) : redactText(value);
  }
  if (Array.isArray(value)) return value.map((one) => redact(one, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, redact(part, key)]));
}

function redactStack(stack: string): string {
  const [first = '', ...lines] = stack.split('\n');
  const said = first.replace(/^\w*Error: /, '');
  const rest = lines.filter((line) => FRAME.test(line) || SUPPORT.test(line)).map(redactText);
  return [shownReason(said) ?? REDACTED, ...rest].join('\n');
}

function redactText(text: string): string {
  if (!text.includes('@')) return text;
  return text.replaceAll(WORD, (word) => (ADDRESS.test(word) ? '[address]' : word));
}
