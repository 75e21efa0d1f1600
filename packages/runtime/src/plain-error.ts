/** What is logged of an error: only this, whatever else its maker put on it. */
export interface PlainError {
  type: string;
  message: string;
  stack?: string;
  cause?: PlainError;
  [member: string]: unknown;
}

/**
 * Members of errors (Node's, undici's, ioredis's and ours) that say what happened, and never to whom. A command's
 * arguments, a request's body and an answer's text are not among them: they are mail.
 */
const MEMBERS = [
  'code',
  'errno',
  'syscall',
  'address',
  'port',
  'signal',
  'status',
  'statusCode',
  'graphCode',
  'requestId',
  'support',
  'retryAfterMs',
  'delayMs',
  'problems',
] as const;

const CAUSES_MAX = 5;
const STACK_LENGTH_MAX = 4_000;

/** An error for logs and for whoever asks why, in words that hold nothing of what it was about. */
export function plainError(error: unknown, depth = 0): PlainError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'is no error' };
  const plain: PlainError = { type: error.name, message: plainMessage(error) };
  for (const name of MEMBERS) {
    const value = Reflect.get(error, name);
    if (isPlain(value)) plain[name] = value;
  }
  const command = Reflect.get(Object(Reflect.get(error, 'command')), 'name');
  if (typeof command === 'string') plain['command'] = command;
  const frames = framesOf(error);
  if (frames) plain.stack = `${plain.type}: ${plain.message}\n${frames}`;
  if (error.cause !== undefined && depth < CAUSES_MAX) {
    plain.cause = plainError(error.cause, depth + 1);
  }
  return plain;
}

/** What kind of error it was, in a word that holds nothing of what it was about: its code, or its name. */
export function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  const isWord = (one: unknown): one is string =>
    typeof one === 'string' && /^[A-Za-z][\w-]{1,63}$/.test(one);
  return [code, name].find(isWord) ?? 'unknown';
}

/**
 * The message without what it quotes. Redis repeats a command that it does not know with its arguments, and a parser
 * the text that it does not understand.
 */
export function plainMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'is no error';
  switch (error.name) {
    case 'ReplyError':
      return `Redis refuses: ${/^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR'}`;
    case 'SyntaxError':
      return 'is not in the form that was expected';
    default:
      return error.message;
  }
}

function framesOf({ stack }: Error): string {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.join('\n').slice(0, STACK_LENGTH_MAX);
}

function isPlain(value: unknown): boolean {
  return (
    ['string', 'number', 'boolean'].includes(typeof value) ||
    value === null ||
    (Array.isArray(value) && value.every((one) => typeof one === 'string'))
  );
}
