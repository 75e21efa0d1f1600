import { badRequest, GraphRefusal } from './graph-error.ts';

export interface CountRange {
  readonly otherwise: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Reads a query option that is a whole number, as `$top` and `$skip` are.
 *
 * @throws {GraphRefusal} 400 for anything else
 */
export function countOption(
  query: URLSearchParams,
  name: string,
  { otherwise, min, max }: CountRange,
): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new GraphRefusal(
    badRequest(
      `Invalid value '${text}' for ${name} query option found. It must be ${min} to ${max}.`,
    ),
  );
}

export function skipOption(query: URLSearchParams): number {
  return countOption(query, '$skip', { otherwise: 0, min: 0, max: Number.MAX_SAFE_INTEGER });
}
