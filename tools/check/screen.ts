import type { WriteStream } from 'node:tty';

import type { StageScreen } from './run-stage.ts';

/** Lines that stay, and below them, on a terminal, one that says how far the run is. */
export function openScreen(out: WriteStream): StageScreen {
  let shown = false;
  const clear = (): void => {
    if (shown) out.write('\r\x1b[2K');
    shown = false;
  };
  return {
    line(text) {
      clear();
      out.write(`${text}\n`);
    },
    progress(text) {
      if (!out.isTTY) return;
      clear();
      out.write(text.slice(0, out.columns - 1));
      shown = true;
    },
  };
}
