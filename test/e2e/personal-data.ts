import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { LENGTH_MIN } from './search-for.ts';

interface Address {
  address: string | null;
  name?: string | null;
}

interface DeliveredRecord {
  subject: string | null;
  internetMessageId: string | null;
  bodyPreview: string | null;
  from: Address | null;
  sender: Address | null;
  to: Address[];
  cc: Address[];
  replyTo: Address[];
  attachments: { name: string | null }[];
}

/**
 * What a run's mail and secrets are: none of it may be in a log, a metric, a report or the name of a Redis
 * key. Subjects, previews, addresses, names, file names and Message-IDs as MS4 got them, every credential, and the
 * `clientState` of each subscription as Redis was given it.
 */
export function canariesOf(dataDir: string): { mail: string[]; secrets: string[] } {
  const records = readFileSync(join(dataDir, 'simulator', 'records.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DeliveredRecord);
  const mail = records.flatMap((record) => [
    record.subject,
    record.internetMessageId,
    record.bodyPreview,
    ...[record.from, record.sender, ...record.to, ...record.cc, ...record.replyTo].flatMap(
      (one) => [one?.address, one?.name],
    ),
    ...record.attachments.map(({ name }) => name),
  ]);
  const secrets = Object.values(
    JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as Record<string, string>,
  );
  const states = [...journalOf(dataDir).matchAll(/"clientState":"([^"]+)"/g)].map(([, one]) => one);
  const long = (values: readonly (string | null | undefined)[]): string[] => [
    ...new Set(values.filter((value) => (value ?? '').length >= LENGTH_MIN) as string[]),
  ];
  return { mail: long(mail), secrets: long([...secrets, ...states]) };
}

/** Everything that a run leaves for people to read, by what it is. */
export function outputsOf(dataDir: string): Record<string, string> {
  const logs = readdirSync(join(dataDir, 'logs')).map((name) => [
    name,
    readFileSync(join(dataDir, 'logs', name), 'utf8'),
  ]);
  return { ...(Object.fromEntries(logs) as object), 'Redis keys': keysOf(dataDir).join('\n') };
}

/** The names of every key that was written: lines of their own in the append-only file. */
export function keysOf(dataDir: string): string[] {
  return [...new Set(journalOf(dataDir).match(/^\{ms1\}[^\r\n]*/gm) ?? [])];
}

/** What Redis was told, values too. */
export function journalOf(dataDir: string): string {
  const folder = join(dataDir, 'redis', 'appendonlydir');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.incr.aof'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/** Reads the metrics of every process, again and again until it is stopped; those of the last time are kept. */
export function watchMetrics(dataDir: string) {
  const latest: Record<string, string> = {};
  const file = join(dataDir, 'ports.json');
  const timer = setInterval(() => {
    if (!existsSync(file)) return;
    const ports = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    for (const [name, port] of Object.entries(ports)) {
      if (name.endsWith('.health')) void read(name, port);
    }
  }, 500);
  const read = async (name: string, port: number): Promise<void> => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      latest[`${name} metrics`] = await response.text();
    } catch {
      // It is not up yet, or not any more.
    }
  };
  return {
    stop(): Record<string, string> {
      clearInterval(timer);
      return latest;
    },
  };
}
