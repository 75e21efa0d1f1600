import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { FaultWay } from './fault-way.ts';
import { freePort } from './free-port.ts';

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  readonly ways: readonly [there: FaultWay, back: FaultWay];
  isForgotten: boolean;
  /** the next answer is lost, whatever it is */
  isDoomed: boolean;
  /** something was asked since the last answer */
  isAsked: boolean;
  /** bytes of its present answer */
  answered: number;
}

/** What a line has done to those who use it. */
export interface Harm {
  /** connections closed with RST, for whatever reason */
  readonly resets: number;
  readonly lostAnswers: number;
  readonly cutAnswers: number;
  /** in black holes */
  readonly swallowedBytes: number;
}

/** A TCP line to a server, on which everything can go wrong: a proxy in this process. */
export class FaultLine {
  /** where its users connect, on 127.0.0.1 */
  readonly port: number;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #harm = { resets: 0, lostAnswers: 0, cutAnswers: 0, swallowedBytes: 0 };
  #delayMs = 0;
  #bytesPerSecond: number | null = null;
  #isStalled = false;
  #lose: { count: number; asked: string | null } = { count: 0, asked: null };
  #cut = { bytes: 0, count: 0 };

  /** @param port on which nobody listens */
  constructor(port: number, target: { host: string; port: number }) {
    this.port = port;
    this.#server = createServer((near) => this.#connect(near, connect(target)));
  }

  /** that stand */
  get connections(): number {
    return [...this.#connections].filter(({ near }) => !near.destroyed).length;
  }

  /** chunks that are held back */
  get waiting(): number {
    return [...this.#connections]
      .flatMap(({ ways }) => ways)
      .reduce((sum, { waiting }) => sum + waiting, 0);
  }

  get harm(): Harm {
    return { ...this.#harm };
  }

  async listen(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** ms that every chunk is held back, in both directions; 0 ends it */
  delay(ms: number): void {
    this.#delayMs = ms;
    if (ms === 0) this.#go();
  }

  /** Swallows what comes on the connections that stand, for ever and without closing them; new ones work. */
  blackhole(): void {
    for (const connection of this.#connections) {
      connection.isForgotten = true;
      for (const way of connection.ways) this.#harm.swallowedBytes += way.forget();
    }
  }

  /** takes no bytes either way on any connection, old or new, until `heal` */
  stall(): void {
    this.#isStalled = true;
    for (const { ways } of this.#connections) for (const way of ways) way.stop();
  }

  /** closes all connections with RST */
  reset(): void {
    for (const connection of this.#connections) this.#reset(connection);
  }

  /**
   * The next `count` answers are swallowed and their connection reset: they were applied, and nobody was told.
   *
   * @param asked only answers to what holds this text
   */
  loseAnswers(count: number, asked: string | null = null): void {
    this.#lose = { count, asked };
  }

  /** resets a connection after so many bytes of an answer, `count` times */
  cutAnswers(bytes: number, count: number): void {
    this.#cut = { bytes, count };
  }

  /** so many bytes a second of the answers of each connection; null ends it */
  drip(bytesPerSecond: number | null): void {
    this.#bytesPerSecond = bytesPerSecond;
    if (bytesPerSecond === null) this.#go();
  }

  /** refuses new connections and resets those that stand, until `heal` */
  down(): void {
    this.#server.close();
    this.reset();
  }

  /** ends whatever is on; what fell into a black hole stays there */
  heal(): void {
    this.#delayMs = 0;
    this.#bytesPerSecond = null;
    this.#isStalled = false;
    this.#lose.count = 0;
    this.#cut.count = 0;
    if (!this.#server.listening) this.#server.listen(this.port, '127.0.0.1');
    this.#go();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server.listening && once(this.#server, 'close');
    this.#server.close();
    for (const { near, far, ways } of this.#connections) {
      for (const way of ways) way.forget();
      near.destroy();
      far.destroy();
    }
    await closed;
  }

  #connect(near: Socket, far: Socket): void {
    const ways = [new FaultWay(near, far), new FaultWay(far, near)] as const;
    const state = { isForgotten: false, isDoomed: false, isAsked: false, answered: 0 };
    const connection: Connection = { near, far, ways, ...state };
    this.#connections.add(connection);
    near.setNoDelay(true).on('data', (bytes) => this.#ask(connection, bytes));
    far.setNoDelay(true).on('data', (bytes) => this.#answer(connection, bytes));
    for (const [socket, way] of [
      [near, ways[0]],
      [far, ways[1]],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', (failed) => {
        if (near.destroyed && far.destroyed) this.#connections.delete(connection);
        if (!connection.isForgotten) way.close(failed ? 'reset' : 'end');
      });
    }
    if (this.#isStalled) for (const way of ways) way.stop();
  }

  #ask(connection: Connection, bytes: Buffer): void {
    if (connection.isForgotten) return this.#swallow(bytes);
    connection.isAsked = true;
    const { count, asked } = this.#lose;
    if (count > 0 && asked !== null && bytes.includes(asked)) {
      this.#lose.count -= 1;
      connection.isDoomed = true;
    }
    connection.ways[0].pass(bytes, this.#delayMs, null);
  }

  #answer(connection: Connection, bytes: Buffer): void {
    if (connection.isForgotten) return this.#swallow(bytes);
    if (connection.isAsked) connection.answered = 0;
    connection.isAsked = false;
    if (this.#lose.count > 0 && this.#lose.asked === null) {
      this.#lose.count -= 1;
      connection.isDoomed = true;
    }
    // It has come, so what was asked has been done.
    if (connection.isDoomed) {
      this.#harm.lostAnswers += 1;
      return this.#reset(connection);
    }
    const rest = this.#cut.bytes - connection.answered;
    connection.answered += bytes.length;
    const isCut = this.#cut.count > 0 && rest >= 0 && rest < bytes.length;
    const passed = isCut ? bytes.subarray(0, rest) : bytes;
    connection.ways[1].pass(passed, this.#delayMs, this.#bytesPerSecond);
    if (!isCut) return;
    this.#cut.count -= 1;
    this.#harm.cutAnswers += 1;
    this.#harm.resets += 1;
    connection.ways[1].close('reset');
    connection.far.resetAndDestroy();
  }

  #swallow(bytes: Buffer): void {
    this.#harm.swallowedBytes += bytes.length;
  }

  #reset({ near, far, ways }: Connection): void {
    if (!near.destroyed) this.#harm.resets += 1;
    for (const way of ways) way.forget();
    near.resetAndDestroy();
    far.resetAndDestroy();
  }

  #go(): void {
    for (const { ways } of this.#connections) for (const way of ways) way.go();
  }
}

/** A line to a server of this machine, or of `host`, which is harmless until it is told otherwise. */
export async function openFaultLine({
  host = '127.0.0.1',
  port,
}: {
  host?: string;
  port: number;
}): Promise<FaultLine> {
  const line = new FaultLine(await freePort(), { host, port });
  await line.listen();
  return line;
}
