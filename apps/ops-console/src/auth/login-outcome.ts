/** What came of a try to log in or out, for log and metric. */
export interface LoginOutcome {
  /** a try over a limit is not even looked at; a logout fails while Redis does not answer */
  outcome: 'ok' | 'wrong' | 'limited_address' | 'limited_all' | 'logout' | 'logout_failed';
  by: 'password' | 'oidc' | 'cookie';
  /** a refusal of the same spell was told before: it is counted, and not logged again */
  again?: boolean;
  /** it came through a proxy that nobody configured: all who come through it count as one address */
  strangeProxy?: boolean;
}

export type OnLogin = (outcome: LoginOutcome) => void;
