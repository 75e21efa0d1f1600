import type { ChaosFleet } from './chaos-fleet.ts';
import type { Dice } from './dice.ts';

/** A row of the fault matrix: one fault, put into a fleet that is at work, and taken out again. */
export interface ChaosRow {
  /** of docs/reliability.md#fault-matrix: `P5`; variants have a letter after it: `R1b` */
  readonly id: string;
  /** `all processes killed at once` */
  readonly about: string;
  /** ms from the end of the fault to the next record in MS4; where the matrix names one, that one */
  readonly recoveryMs: number;
  /** fault names of the simulator, process ends and so on that this row causes, for the auditor: what it may excuse */
  readonly expects?: {
    /** messages that end as dead letters or are skipped, by reason, because of this row */
    readonly dead?: readonly string[];
    readonly skipped?: readonly string[];
    /** some records of its time are of another release, which may say less of a mail */
    readonly otherRelease?: true;
  };
  /**
   * Puts the fault in, keeps it for as long as the row says, and takes it out.
   *
   * @returns what was really done, for the report: `killed processor-1 (pid 4711)`
   * @throws where the fault could not be put in: the run has failed
   */
  inject(fleet: ChaosFleet, dice: Dice, signal: AbortSignal): Promise<string>;
  /**
   * What must hold once the fault is out, besides delivery; it is looked at while the recovery is timed.
   *
   * @returns what was found
   * @throws where it does not hold: the row has failed
   */
  after?(fleet: ChaosFleet, signal: AbortSignal): Promise<string>;
}
