/** What a request to MS4 is authenticated with. Client certificates belong to the HTTP client instead. */
export interface Ms4Auth {
  headers(): Promise<Readonly<Record<string, string>>>;
  /**
   * Called once after a 401 or 403. Answers whether `headers()` now gives something that was not tried
   * yet; credentials that cannot be renewed have no such method.
   */
  refresh?(): Promise<boolean>;
}

/** Headers that do not change while the process lives. */
const fixed = (headers: Record<string, string>): Ms4Auth => ({
  headers: () => Promise.resolve(headers),
});

export const bearerAuth = (token: string): Ms4Auth => fixed({ authorization: `Bearer ${token}` });

/** X-Api-Key (packages/contracts/openapi/ms4.yaml, apiKey). */
export const apiKeyAuth = (key: string): Ms4Auth => fixed({ 'x-api-key': key });

/** No header at all: the client certificate of the connection says who we are. */
export const certificateAuth: Ms4Auth = fixed({});
