/** What a request to MS4 is authenticated with. Client certificates belong to the HTTP client instead. */
export interface Ms4Auth {
  headers(): Promise<Readonly<Record<string, string>>>;
  /**
   * Called once after a 401 or 403. Answers whether `headers()` now gives something that was not tried
   * yet; credentials that cannot be renewed have no such method.
   */
  refresh?(): Promise<boolean>;
}

/** A bearer token that does not change while the process lives. */
export function bearerAuth(token: string): Ms4Auth {
  const headers = { authorization: `Bearer ${token}` };
  return { headers: () => Promise.resolve(headers) };
}

/** X-Api-Key (packages/contracts/openapi/ms4.yaml, apiKey). */
export function apiKeyAuth(key: string): Ms4Auth {
  const headers = { 'x-api-key': key };
  return { headers: () => Promise.resolve(headers) };
}

/** No header at all: the client certificate of the connection says who we are. */
export const certificateAuth: Ms4Auth = { headers: () => Promise.resolve({}) };
