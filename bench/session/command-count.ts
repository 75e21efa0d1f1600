import { connect } from 'node:net';
import type { Redis } from 'ioredis';

/** How often each command came over the wire: by who sent it (CLIENT SETNAME), then by command. */
export type CommandCount = Map<string, Map<string, number>>;

/** What the server says of a command: time, [database address], "command", and of a script its hash, its keys */
const LINE =
  /^\+\d+\.\d+ \[\d+ (\S+)\] "([^"]*)"(?: "[0-9a-f]{40}" "\d+" "\{[^}]*\}:([^:"]*:[^:"]*))?/;

/**
 * Counts the commands that processes send, while `work` runs, by MONITOR: it marks those inside a script as `lua`,
 * which INFO commandstats does not. The server works twice as hard meanwhile, so nothing else is measured then.
 */
export async function countCommands(
  redis: Redis,
  url: string,
  work: () => Promise<void>,
): Promise<CommandCount> {
  const byAddress = new Map<string, Map<string, number>>();
  const { port, password } = new URL(url);
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { address, name } = sentBy(line) ?? {};
      if (address === undefined || name === undefined) continue;
      const commands = byAddress.get(address) ?? new Map<string, number>();
      byAddress.set(address, commands);
      commands.set(name, (commands.get(name) ?? 0) + 1);
    }
  });
  await new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', resolve);
    socket.write(`AUTH ${password}\r\nMONITOR\r\n`);
  });
  try {
    await work();
    return await named(redis, byAddress);
  } finally {
    socket.destroy();
  }
}

/** The command of a line of MONITOR, by what a script works on; undefined for one inside a script, and for no command. */
export function sentBy(line: string): { address: string; name: string } | undefined {
  const [, address = '', command = '', key] = LINE.exec(line) ?? [];
  if (address === '' || address === 'lua') return undefined;
  return { address, name: key === undefined ? command.toLowerCase() : `script on ${key}` };
}

/** all of them, whoever sent them */
export function totalOf(commands: CommandCount): number {
  let total = 0;
  for (const sent of commands.values()) for (const count of sent.values()) total += count;
  return total;
}

async function named(redis: Redis, byAddress: CommandCount): Promise<CommandCount> {
  const names = new Map<string, string>();
  const list = (await redis.client('LIST')) as string;
  for (const [, address = '', name = ''] of list.matchAll(/ addr=(\S+) .*? name=(\S*)/g)) {
    names.set(address, name);
  }
  const byName: CommandCount = new Map();
  for (const [address, commands] of byAddress) {
    const name = names.get(address) || 'others';
    const sum = byName.get(name) ?? new Map<string, number>();
    byName.set(name, sum);
    for (const [command, count] of commands) sum.set(command, (sum.get(command) ?? 0) + count);
  }
  return byName;
}
