import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doctorConfig } from '@ms1/doctor';
import { z } from 'zod';
import { Config as Cli } from '../apps/cli/src/config.ts';
import { Config as IngestApi } from '../apps/ingest-api/src/config.ts';
import { Config as Ms4Sender } from '../apps/ms4-sender/src/config.ts';
import { Config as OpsConsole } from '../apps/ops-console/src/config.ts';
import { Config as Poller } from '../apps/poller/src/config.ts';
import { Config as Processor } from '../apps/processor/src/config.ts';
import { Config as Simulator } from '../apps/simulator/src/config.ts';

/** The launcher and `ms1` read these before they read anything else. */
const launcherConfig = {
  MS1_DATA_DIR: z
    .string()
    .default('.data')
    .describe('Where a run keeps Redis, ledgers, logs, ports and generated secrets.'),
  MS1_ENV_FILE: z.string().default('.env').describe('The file that variables are read from.'),
};

const PROCESSES: Record<string, Record<string, z.ZodType>> = {
  poller: Poller.shape,
  'ingest-api': IngestApi.shape,
  processor: Processor.shape,
  'ms4-sender': Ms4Sender.shape,
  'ops-console': OpsConsole.shape,
  ms1: { ...Cli.shape, ...doctorConfig, ...launcherConfig },
  simulator: Simulator.shape,
  'npm start': launcherConfig,
};
/** The first whose expression fits. */
const SECTIONS: [title: string, names: RegExp][] = [
  ['Microsoft Graph', /^(GRAPH|AZURE)_/],
  ['Mailboxes', /^MAILBOX/],
  ['MS4', /^MS4_/],
  ['Notifications', /^(NOTIFICATION|SUBSCRIPTION|INGEST_API)_/],
  ['Polling and audits', /^(POLLER|DEAD_LETTER|INGEST)_/],
  ['Preparing', /^(PROCESSOR_|LOOKUP_KEY)/],
  ['Console', /^(OPS_CONSOLE_(?!URL)|ALERT_)/],
  ['Command line', /^(OPS_CONSOLE|DOCTOR|MS1)_/],
  ['Simulator', /^SIMULATOR_/],
  ['Every process', /./],
];
const UNITS: [RegExp, string][] = [
  [/_UTC_HOUR$/, 'hour'],
  [/_MS(_MAX)?$/, 'ms'],
  [/_MINUTES$/, 'minutes'],
  [/_HOURS$/, 'hours'],
  [/_DAYS$/, 'days'],
  [/_BYTES(_MAX)?$/, 'bytes'],
  [/_PER_SECOND_MAX$/, '1/s'],
  [/_PER_MINUTE_MAX$/, '1/min'],
];
const INTRODUCTION = `# Configuration

Every variable of every process. This page is made of their schemas (\`node tools/configuration-page.ts\`).

Processes read the environment; \`npm start\`, \`ms1\` and the compose file read \`.env\` too, where all variables can
stand together: each process takes what it knows. An empty variable counts as not set. A secret may instead be given as
the path of a file: \`GRAPH_CLIENT_SECRET_FILE=/run/secrets/graph\`. What is missing or malformed is told at the start,
all at once. An https URL may be http on loopback, and one of a service of yours in TRUSTED_NETWORK.
`;

/** A variable, and how each process that reads it has it. */
export interface Variable {
  name: string;
  type: string;
  /** as it is written in a file; undefined for none, null where it is required; by process */
  defaults: Record<string, string | undefined | null>;
  unit: string;
  meanings: string[];
  secret: boolean;
}

/** What the schemas say, each variable once. */
export function readVariables(): Variable[] {
  const shapes = Object.values(PROCESSES);
  const names = new Set(shapes.flatMap((shape) => Object.keys(shape)));
  return [...names].map((name) => {
    const readers = Object.entries(PROCESSES).flatMap(([process, { [name]: schema }]) =>
      schema ? [{ process, schema }] : [],
    );
    const metas = readers.map(({ schema }) => schema.meta() ?? {});
    return {
      name,
      type: readers.map(({ schema }) => typeOf(schema)).find((type) => type !== 'text') ?? 'text',
      defaults: Object.fromEntries(readers.map((one) => [one.process, defaultOf(one.schema)])),
      unit: UNITS.find(([ending]) => ending.test(name))?.[1] ?? '',
      meanings: [...new Set(metas.flatMap(({ description }) => description ?? []))],
      secret: metas.some(({ secret }) => secret),
    };
  });
}

function typeOf(schema: z.ZodType): string {
  const told = schema.meta()?.['type'];
  if (typeof told === 'string') return told;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return typeOf(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPipe && schema.in instanceof z.ZodGUID) return 'GUID';
  if (schema instanceof z.ZodEnum) return schema.options.map((one) => `\`${one}\``).join(', ');
  if (schema instanceof z.ZodGUID) return 'GUID';
  return schema.safeParse('false').data === false ? '`true` or `false`' : 'text';
}

function defaultOf(schema: z.ZodType): string | undefined | null {
  const { success, data } = schema.safeParse(undefined);
  if (!success) return null;
  return data === undefined ? undefined : [data].flat().map(String).join(',');
}

/** The page, as it is in the repository. */
export function renderPage(variables: readonly Variable[]): string {
  const sections = SECTIONS.map(([title], index) => {
    const rows = variables
      .filter(({ name }) => SECTIONS.findIndex(([, fitting]) => fitting.test(name)) === index)
      .map(toRow);
    return [
      `## ${title}\n`,
      '| Name | Type | Default | Unit | Process | Meaning |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n');
  });
  return [INTRODUCTION, ...sections].join('\n');
}

function toRow({ name, type, defaults, unit, meanings, secret }: Variable): string {
  const processes = Object.keys(defaults);
  const own = processes.filter((process) => process !== 'ms1' && process !== 'simulator');
  const cells = [
    `\`${name}\``,
    secret ? `${type}, secret` : type,
    toDefault(defaults),
    unit,
    own.length === 5 ? 'all' : processes.join(', '),
    meanings.join(' '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** One for all, or each process's own. */
function toDefault(defaults: Variable['defaults']): string {
  const words = Object.entries(defaults).map(([process, value]) => ({
    process,
    word: value === null ? 'required' : value === undefined ? '' : `\`${value}\``,
  }));
  if (new Set(words.map(({ word }) => word)).size === 1) return words[0]?.word ?? '';
  return words.flatMap(({ process, word }) => (word ? [`${word} (${process})`] : [])).join(', ');
}

if (import.meta.main) {
  const page = join(import.meta.dirname, '..', 'docs', 'configuration.md');
  writeFileSync(page, renderPage(readVariables()));
}
