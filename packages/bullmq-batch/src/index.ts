export { addBulk, type BulkJob } from './add-bulk.ts';
export type { BatchProcessor } from './batch.ts';
export { BatchBudget } from './batch-budget.ts';
export { BatchEntry } from './batch-entry.ts';
export { BatchWorker } from './batch-worker.ts';
