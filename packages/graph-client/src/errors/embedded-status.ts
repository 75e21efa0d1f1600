/** HTTP statuses as .NET names them, which is how they are spelled inside an ExtensionError. */
const STATUSES: Record<string, number> = {
  badrequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notfound: 404,
  requesttimeout: 408,
  conflict: 409,
  gone: 410,
  locked: 423,
  toomanyrequests: 429,
  internalservererror: 500,
  badgateway: 502,
  serviceunavailable: 503,
  gatewaytimeout: 504,
};

/**
 * The status that an ExtensionError carries as `[Status Code: NotFound; Reason: ...]`: the one place where
 * Graph says what failed in its text only (docs/graph-contract.md#subscription-limits). null when it names none.
 */
export function embeddedStatus(message: unknown): number | null {
  if (typeof message !== 'string') return null;
  const name = /\[Status Code:\s*(\w+)/i.exec(message)?.[1]?.toLowerCase() ?? '';
  const status = /^[45]\d\d$/.test(name) ? Number(name) : STATUSES[name];
  return status ?? null;
}
