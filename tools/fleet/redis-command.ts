import { connect } from 'node:net';

/** The private Redis as a URL, with its password: for the environment of our own processes, and never for a command line. */
export function redisUrlOf(port: number, password: string): string {
  return `redis://:${password}@127.0.0.1:${port}`;
}

/**
 * Sends one command to a Redis server of this machine on a connection of its own and answers with the text of a
 * simple, integer or bulk reply, or the items of a flat array, one a line. The launcher only asks a
 * handful of questions (is it there, whose is it, what did it do), so it needs no client library.
 *
 * @throws when the server refuses, closes or does not answer in time
 */
export function redisCommand(
  redisUrl: string,
  command: readonly string[],
  timeoutMs = 2_000,
): Promise<string> {
  const { port, password } = new URL(redisUrl);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    const settle = (finish: () => void): void => {
      socket.destroy();
      finish();
    };
    let received = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => settle(() => reject(new Error('Redis did not answer'))));
    socket.once('error', (error) => settle(() => reject(error)));
    socket.once('close', () => reject(new Error('Redis closed the connection')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const login = readReply(received, 0);
      const reply = login?.error ? login : login && readReply(received, login.end);
      if (!reply) return;
      settle(() => (reply.error ? reject(new Error(reply.text)) : resolve(reply.text)));
    });
    socket.write(`${encode(['AUTH', password])}${encode(command)}`);
  });
}

function encode(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join('')}`;
}

interface Reply {
  text: string;
  error: boolean;
  /** where the next reply begins */
  end: number;
}

/** Reads one RESP2 reply; undefined while it has not arrived whole. */
function readReply(bytes: Buffer, start: number): Reply | undefined {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const head = bytes.toString('utf8', start + 1, lineEnd);
  const next = lineEnd + 2;
  switch (String.fromCharCode(bytes[start] ?? 0)) {
    case '$': {
      const length = Number(head);
      if (length < 0) return { text: '', error: false, end: next };
      if (bytes.length < next + length + 2) return undefined;
      const text = bytes.toString('utf8', next, next + length);
      return { text, error: false, end: next + length + 2 };
    }
    case '*': {
      const items: string[] = [];
      let end = next;
      for (let index = 0; index < Number(head); index += 1) {
        const item = readReply(bytes, end);
        if (!item) return undefined;
        items.push(item.text);
        end = item.end;
      }
      return { text: items.join('\n'), error: false, end };
    }
    case '-':
      return { text: head, error: true, end: next };
    default:
      return { text: head, error: false, end: next };
  }
}
