/** One line in the log. */
export interface PrepareReport {
  messages: number;
  prepared: number;
  skipped: number;
  snoozed: number;
  retried: number;
  dead: number;
  /** jobs whose data Redis has lost: an audit puts their messages back */
  lost: number;
  pauseMs: number;
  /** why the queue is closed for `pauseMs` */
  pausedBy: Error | null;
  /** how often Graph refused, by code */
  refusals: Record<string, number>;
  /** of how many records something was cut, by member */
  truncated: Record<string, number>;
  /** what Microsoft's support asks for, of one refusal of each code */
  support: Record<string, string>;
}

export function emptyReport(): PrepareReport {
  return {
    messages: 0,
    prepared: 0,
    skipped: 0,
    snoozed: 0,
    retried: 0,
    dead: 0,
    lost: 0,
    pauseMs: 0,
    pausedBy: null,
    refusals: {},
    truncated: {},
    support: {},
  };
}
