/** Data of jobs as the fleet put them on its queues: what a pipeline is measured with. */
export interface Payloads {
  readonly inbound: readonly unknown[];
  readonly outbound: readonly unknown[];
}

/** The payload of message `n`: those there are, over and over. */
export function payloadOf(list: readonly unknown[], n: number): unknown {
  return list[n % list.length];
}

/** What a stage is told. */
export interface StageJob {
  readonly messages: number;
  readonly payloads: Payloads;
  /** which of the producers: 0 or 1 */
  readonly part: number;
  /** told how many messages have left the pipeline */
  readonly onTaken: (count: number) => void;
}

/** Prepares a stage (connections, workers) and answers with what runs it to its end. */
type Stage = () => Promise<() => Promise<void>>;

export interface Stages {
  readonly produce: Stage;
  readonly hand: Stage;
  readonly send: Stage;
}

/** As the fleet has them: one for what is announced, one for what is found. */
export const PRODUCERS = 2;

/** Messages of an add: a delta page of the fleet. */
export const ADD_SIZE = 200;
