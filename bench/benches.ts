import { batchBench } from './batch/batch-bench.ts';
import type { Bench } from './bench.ts';
import { growthBench } from './growth/growth-bench.ts';
import { ledgerBench } from './ledger/ledger-bench.ts';
import { quotaBench } from './quota/quota-bench.ts';
import { readingBench } from './reading/reading-bench.ts';
import { sealingBench } from './sealing/sealing-bench.ts';
import { sessionBench } from './session/session-bench.ts';
import { telemetryBench } from './telemetry/telemetry-bench.ts';
import { webhookBench } from './webhook/webhook-bench.ts';

/** All of them, in the order in which they run. */
export const BENCHES: readonly Bench[] = [
  sessionBench,
  batchBench,
  ledgerBench,
  quotaBench,
  readingBench,
  webhookBench,
  telemetryBench,
  growthBench,
  sealingBench,
];
