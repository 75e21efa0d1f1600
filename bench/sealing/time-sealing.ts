import { randomBytes } from 'node:crypto';
import { PayloadSealer, payloadKey } from '@ms1/queue';

import { payloadOf } from '../ceiling/payloads.ts';

export interface SealingTime {
  /** us of one core to write a payload, JSON made of it included, and to read it */
  readonly sealUs: number;
  readonly openUs: number;
  /** the same without a key: what BullMQ does anyhow */
  readonly writeUs: number;
  readonly readUs: number;
  /** bytes of JSON, as they are and sealed, on average */
  readonly bytes: number;
  readonly sealedBytes: number;
  /** share whose sealed data Redis no longer packs, with `hash-max-listpack-value 4096` */
  readonly unpacked: number;
}

const LISTPACK_VALUE_MAX = 4_096;
const RUNS = 5;

/** What sealing costs the process that does it, over and over the same payloads, as jobs carry them. */
export function timeSealing(list: readonly unknown[], count: number): SealingTime {
  const keys = [payloadKey('bench', randomBytes(32))];
  const timeWith = (payloads: PayloadSealer) => {
    const stored: string[] = [];
    const writeUs = timed(count, (n) => {
      stored.push(JSON.stringify(payloads.seal(`m-${n}`, payloadOf(list, n) as object)));
    });
    const readUs = timed(count, (n) => payloads.open(`m-${n}`, JSON.parse(stored[n] ?? '')));
    const bytes = stored.reduce((sum, { length }) => sum + length, 0) / count;
    const large = stored.filter(({ length }) => length > LISTPACK_VALUE_MAX).length / count;
    return { writeUs, readUs, bytes, large };
  };
  // The least of them: what else the machine does, and what is not compiled yet, only adds.
  const runs = Array.from({ length: RUNS }, () => ({
    plain: timeWith(new PayloadSealer()),
    sealed: timeWith(new PayloadSealer({ keys })),
  }));
  const least = (of: (run: (typeof runs)[number]) => number) => Math.min(...runs.map(of));
  const { plain, sealed } = runs[0] as (typeof runs)[number];
  return {
    sealUs: least((run) => run.sealed.writeUs),
    openUs: least((run) => run.sealed.readUs),
    writeUs: least((run) => run.plain.writeUs),
    readUs: least((run) => run.plain.readUs),
    bytes: plain.bytes,
    sealedBytes: sealed.bytes,
    unpacked: sealed.large,
  };
}

function timed(count: number, work: (n: number) => void): number {
  const before = process.cpuUsage();
  for (let n = 0; n < count; n += 1) work(n);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
