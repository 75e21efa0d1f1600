import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What figures belong to. */
export interface Machine {
  readonly cpu: string;
  readonly memoryGb: number;
  readonly commit: string;
  readonly versions: Readonly<Record<'node' | 'redis' | 'bullmq' | 'ioredis', string>>;
}

export function readMachine(): Machine {
  return {
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    commit: commitOf(),
    versions: {
      node: process.versions.node,
      redis: /v=(\S+)/.exec(output('redis-server', ['--version']))?.[1] ?? 'unknown',
      bullmq: versionOf('bullmq'),
      ioredis: versionOf('ioredis'),
    },
  };
}

export function describeMachine({ cpu, memoryGb, commit, versions }: Machine): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [cpu, `${memoryGb} GB`, ...list, `commit ${commit}`].join(', ');
}

/** With a plus when files differ from it. */
function commitOf(): string {
  const commit = output('git', ['rev-parse', '--short', 'HEAD']);
  const changed = output('git', [
    'status',
    '--porcelain',
    '--',
    ':(top,exclude)bench/results.md',
    ':(top,exclude)docs',
  ]);
  return commit === '' ? 'unknown' : `${commit}${changed === '' ? '' : '+'}`;
}

function output(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, {
      cwd: new URL('.', import.meta.url),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

function versionOf(name: string): string {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
