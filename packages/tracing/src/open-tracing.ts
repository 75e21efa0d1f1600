import { recorder, setRecorder } from './recorder.ts';
import type { SdkOptions } from './sdk-recorder.ts';

export interface TracingOptions extends SdkOptions {
  /** where spans go; undefined: nowhere, and the SDK is not even loaded */
  endpoint: string | undefined;
}

/**
 * Turns tracing on where there is somebody to tell. What else OpenTelemetry's variables say of the way there (timeout,
 * compression, certificates) its exporter reads by itself.
 */
export async function openTracing({ endpoint, ...options }: TracingOptions): Promise<void> {
  if (endpoint === undefined) return;
  const { createSdkRecorder } = await import('./sdk-recorder.ts');
  setRecorder(createSdkRecorder(options));
}

/** Sends what is recorded, and turns it off. */
export async function closeTracing(): Promise<void> {
  const on = recorder();
  setRecorder(null);
  await on?.close();
}
