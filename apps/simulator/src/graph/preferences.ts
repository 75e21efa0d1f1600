import type { IncomingHttpHeaders } from 'node:http';

/** What a request prefers (docs/graph-contract.md#immutable-ids). Preferences hold for one request only. */
export interface Preferences {
  readonly immutableIds: boolean;
  readonly pageSize: number | undefined;
  readonly textBody: boolean;
  /** for the `Preference-Applied` header */
  readonly applied: string;
}

export function readPreferences(headers: IncomingHttpHeaders): Preferences {
  const prefer = String(headers['prefer'] ?? '');
  if (prefer === '') {
    return { immutableIds: false, pageSize: undefined, textBody: false, applied: '' };
  }
  const immutableIds = /(?:^|[,;\s])IdType\s*=\s*"?ImmutableId"?/i.test(prefer);
  const size = /odata\.maxpagesize\s*=\s*"?(\d+)/i.exec(prefer)?.[1];
  const textBody = /outlook\.body-content-type\s*=\s*"?text"?/i.test(prefer);
  const applied = [
    ...(immutableIds ? ['IdType="ImmutableId"'] : []),
    ...(size ? [`odata.maxpagesize=${size}`] : []),
    ...(textBody ? ['outlook.body-content-type="text"'] : []),
  ];
  return {
    immutableIds,
    pageSize: size ? Number(size) : undefined,
    textBody,
    applied: applied.join(', '),
  };
}
