import type { Check } from '../check.ts';
import { reasonOf } from '../reason-of.ts';

export const graphToken: Check = {
  name: 'graph.token',
  about: 'Entra gives a token for our credential, in every tenant',
  async run(installation) {
    const tenants = await installation.tenants();
    const refused = await Promise.all(
      tenants.map(({ tenantId, tokens }) =>
        tokens.token().then(
          () => null,
          (error: unknown) => `tenant ${tenantId}: ${reasonOf(error)}`,
        ),
      ),
    );
    const details = refused.filter((line) => line !== null);
    if (details.length === 0) {
      const { length } = tenants;
      return {
        status: 'ok',
        seen: `a token for ${length === 1 ? 'the tenant' : `${length} tenants`}`,
      };
    }
    return {
      status: 'fail',
      seen: `no token for ${details.length} of ${tenants.length} tenants`,
      remedy:
        'compare GRAPH_TENANT_ID, GRAPH_CLIENT_ID and the credential with the app registration in Entra ID: a secret is its value, not its id, and ends on a date; login.microsoftonline.com must be reachable',
      details,
    };
  },
};
