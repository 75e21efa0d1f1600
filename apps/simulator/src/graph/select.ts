import { badRequest, GraphRefusal } from './graph-error.ts';

/**
 * Reads `$select`. Undefined when the request selects nothing.
 *
 * @throws {GraphRefusal} 400 for a property that the type does not have
 */
export function parseSelect(
  query: URLSearchParams,
  type: string,
  knows: (property: string) => boolean,
): string[] | undefined {
  const text = query.get('$select');
  if (text === null || text.trim() === '') return undefined;
  const properties = text.split(',').map((property) => property.trim());
  const unknown = properties.find((property) => !knows(property));
  if (unknown !== undefined) {
    throw new GraphRefusal(
      badRequest(`Could not find a property named '${unknown}' on type '${type}'.`),
    );
  }
  return properties;
}
