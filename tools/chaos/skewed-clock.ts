import { readFileSync } from 'node:fs';

/**
 * Loaded before an app (`--import`): its wall clock is off by as many ms as the file of `CLOCK_SKEW_FILE` says, which may
 * change at any time. Timers and `performance.now` go on as they are, as they do where a clock is set.
 */
const file = process.env['CLOCK_SKEW_FILE'];
const RealDate = Date;
const LOOK_MS = 200;
let skewMs = 0;

function look(): void {
  try {
    skewMs = Number(readFileSync(file ?? '', 'utf8')) || 0;
  } catch {
    skewMs = 0;
  }
}

const SkewedDate = class Date extends RealDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + skewMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + skewMs;
  }
};

if (file) {
  look();
  setInterval(look, LOOK_MS).unref();
  // Without `new` it is text.
  globalThis.Date = new Proxy(SkewedDate, {
    apply: () => new SkewedDate().toString(),
  }) as unknown as DateConstructor;
}
