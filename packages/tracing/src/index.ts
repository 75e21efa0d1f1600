export { closeTracing, openTracing } from './open-tracing.ts';
export {
  annotate,
  currentSpan,
  inBatch,
  inSpan,
  recordedTraceOf,
  recordNotices,
  recordStep,
} from './spans.ts';
