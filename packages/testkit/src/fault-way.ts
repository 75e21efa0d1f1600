import type { Socket } from 'node:net';

interface Piece {
  readonly bytes: Buffer;
  /** of `performance.now()` */
  readonly dueAt: number;
}

/** ms of a slow line that one piece of it takes */
const DRIP_MS = 50;

/** One way of a connection, from one socket to the other, in order, however late. */
export class FaultWay {
  readonly #from: Socket;
  readonly #to: Socket;
  #queue: Piece[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #last: 'none' | 'end' | 'reset' = 'none';

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    to.on('drain', () => this.#run());
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** @param bytesPerSecond null: as fast as it goes */
  pass(bytes: Buffer, delayMs: number, bytesPerSecond: number | null): void {
    const now = performance.now();
    let dueAt = Math.max(now + delayMs, this.#queue.at(-1)?.dueAt ?? 0);
    if (bytesPerSecond === null) {
      this.#queue.push({ bytes, dueAt });
    } else {
      // What comes faster than it goes on stays where it comes from.
      this.#from.pause();
      const size = Math.max(1, Math.round((bytesPerSecond * DRIP_MS) / 1_000));
      for (let at = 0; at < bytes.length; at += size) {
        const piece = bytes.subarray(at, at + size);
        dueAt += (piece.length / bytesPerSecond) * 1_000;
        this.#queue.push({ bytes: piece, dueAt });
      }
    }
    this.#run();
  }

  /** Nothing comes after what is on its way. */
  close(how: 'end' | 'reset'): void {
    this.#last = how;
    this.#run();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#from.pause();
  }

  /** goes on, without waiting for anything that was to be late */
  go(): void {
    this.#stopped = false;
    this.#queue = this.#queue.map(({ bytes }) => ({ bytes, dueAt: 0 }));
    this.#run();
  }

  /** @returns how many bytes were on their way and never arrive */
  forget(): number {
    clearTimeout(this.#timer);
    const lost = this.#queue.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#queue = [];
    this.#from.resume();
    return lost;
  }

  #run(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    for (let head = this.#queue[0]; head; head = this.#queue[0]) {
      const wait = head.dueAt - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#run(), wait);
        return;
      }
      this.#queue.shift();
      if (!this.#to.write(head.bytes)) this.#from.pause();
    }
    if (this.#last === 'reset') this.#to.resetAndDestroy();
    else if (this.#last === 'end') this.#to.destroySoon();
    else if (!this.#to.writableNeedDrain) this.#from.resume();
  }
}
