import { STATUS_CODES } from 'node:http';

/** HTTP statuses as .NET names them (`NotFound`), which is how they are spelled inside an ExtensionError. */
const STATUSES = new Map(
  Object.entries(STATUS_CODES)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, text = '']) => [text.replaceAll(' ', '').toLowerCase(), Number(status)]),
);

/**
 * The status that an ExtensionError carries as `[Status Code: NotFound; Reason: ...]`: the one place where
 * Graph says what failed in its text only (docs/graph-contract.md#subscription-limits). null when it names none.
 */
export function embeddedStatus(message: unknown): number | null {
  if (typeof message !== 'string') return null;
  const name = /\[Status Code:\s*(\w+)/i.exec(message)?.[1]?.toLowerCase() ?? '';
  const status = /^[45]\d\d$/.test(name) ? Number(name) : STATUSES.get(name);
  return status ?? null;
}
