/**
 * One process of a pipeline that does nothing with its jobs: node stage.ts KIND ROLE REDIS_URL MESSAGES PAYLOADS PART
 *
 * KIND is `bullmq`, `batches` or `lists`, ROLE `produce`, `hand` or `send`, PAYLOADS a file of job data as the fleet has it
 * ({@link Payloads}), PART which of the producers. It says `ready`, begins when told anything, and says `done`.
 */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

import { batchStages } from './batch-stages.ts';
import { bullmqStages } from './bullmq-stages.ts';
import { listStages } from './list-stages.ts';
import type { Payloads } from './payloads.ts';

const [kind, role = '', url = '', messages, file = '', part] = process.argv.slice(2);
const redis = new Redis(url, { maxRetriesPerRequest: null });
const payloads = JSON.parse(readFileSync(file, 'utf8')) as Payloads;
let told = 0;
const job = {
  messages: Number(messages),
  payloads,
  part: Number(part),
  // A hundred times in all: enough for a rate, too little to cost anything.
  onTaken: (count: number): void => {
    if (count - told < Number(messages) / 100) return;
    told = count;
    process.send?.(count);
  },
};
const makers = { bullmq: bullmqStages, batches: batchStages, lists: listStages };
const stages = makers[kind as keyof typeof makers](redis, job);

const say = (word: string): void => void process.send?.(word);
const begin = await stages[role as keyof typeof stages]();
process.once('message', () => {
  begin()
    .then(() => say('done'))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
process.once('disconnect', () => process.exit(0));
say('ready');
