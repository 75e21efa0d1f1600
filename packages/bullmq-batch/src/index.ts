export { addBulk, type BulkJob } from './add-bulk.ts';
export { BatchEntry } from './batch-entry.ts';
export { BatchWorker } from './batch-worker.ts';
