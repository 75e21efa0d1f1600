import { readFile } from 'node:fs/promises';

import { TokenEndpointError } from './token-network.ts';

/** What a workload identity proves itself with. Read anew for each token: the platform replaces it every hour or so. */
export function federatedAssertion(
  tokenFile: string,
  onFailure: (error: TokenEndpointError) => void,
): () => Promise<string> {
  return async () => {
    try {
      return (await readFile(tokenFile, 'utf8')).trim();
    } catch (cause) {
      const error = new TokenEndpointError(
        'was not asked: the federated token file cannot be read',
        null,
        cause,
      );
      onFailure(error);
      throw error;
    }
  };
}
