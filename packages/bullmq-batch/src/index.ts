export { addBulk, type BulkJob } from './add-bulk.ts';
export { Batch, type BatchProcessor } from './batch.ts';
export { BatchEntry } from './batch-entry.ts';
export type { BatchOptions, BatchWorkerOptions } from './batch-options.ts';
export { BatchWorker } from './batch-worker.ts';
