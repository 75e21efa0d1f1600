/** Where a call gets its bearer token from. */
export interface TokenSource {
  /**
   * @throws {GraphAuthError} when our credential is refused
   * @throws {GraphTransientError} when the token endpoint does not answer
   */
  token(): Promise<string>;
  /**
   * Forgets a token that Graph answered 401 to, unless it was replaced already.
   *
   * @param claims that Graph demands of the next one, as JSON
   */
  drop(token: string, claims?: string): void;
}
