import type { Installation } from './installation.ts';

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skipped';

/** What a check found. Neither text holds a secret, an address or anything of a mail. */
export interface Finding {
  status: CheckStatus;
  /** what was seen, in a clause */
  seen: string;
  /** what to do about it, in plain words; only where something is to be done */
  remedy?: string;
  /** one line for each of several things */
  details?: string[];
}

/** One thing that must be right. It changes nothing, anywhere. */
export interface Check {
  /** `group.thing`; stable, scripts name it */
  name: string;
  /** what it proves */
  about: string;
  /** ms it may take; default 20 s */
  deadlineMs?: number;
  /** @throws {NotCheckableError} when it cannot be told, because something else is wrong */
  run(installation: Installation, signal: AbortSignal): Promise<Finding>;
}

/** It cannot be told: what it depends on is missing or broken, which another check says. */
export class NotCheckableError extends Error {
  readonly code = 'not_checkable';
  /** what to set so that it can be told */
  readonly remedy: string | undefined;

  constructor(message: string, options: ErrorOptions & { remedy?: string } = {}) {
    super(message, options);
    this.name = 'NotCheckableError';
    this.remedy = options.remedy;
  }
}
