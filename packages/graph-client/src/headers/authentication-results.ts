/** What one method found (RFC 8601), in lower case. */
export interface MethodResult {
  method: string;
  result: string;
  /** `header.from`, `smtp.mailfrom`, `reason`, ... */
  properties: ReadonlyMap<string, string>;
}

export interface AuthenticationResults {
  /** who wrote it; null: it does not say, as Exchange Online does not */
  authservId: string | null;
  results: readonly MethodResult[];
}

/** A method and its result: with these a header begins that does not say who wrote it. */
const PAIR = /^([a-z][a-z0-9_.-]*)(?:\/\d+)?\s*=\s*(\S+)/;

/**
 * Reads an `Authentication-Results`. A sender chooses parts of it, so that nothing in a comment or in quotes is taken for
 * anything else than that; null: it cannot be read for certain.
 */
export function readAuthenticationResults(value: string): AuthenticationResults | null {
  const segments = segmentsOf(value.toLowerCase());
  if (segments === null) return null;
  const [first = ''] = segments;
  const isUnnamed = first === '' || PAIR.test(first);
  const authservId = isUnnamed ? null : (first.split(' ', 1)[0] ?? '');
  // Exchange writes the recipient's domain between them, which is no result.
  const results = (isUnnamed ? segments : segments.slice(1)).flatMap(readResult);
  return { authservId, results };
}

function readResult(segment: string): MethodResult[] {
  const [whole, method, result] = PAIR.exec(segment) ?? [];
  if (whole === undefined || method === undefined || result === undefined) return [];
  const properties = new Map<string, string>();
  for (const [, name, value] of segment
    .slice(whole.length)
    .matchAll(/(?<=\s)([a-z][\w.-]*)\s*=\s*(\S+)/g)) {
    // What is said twice is said by somebody else the second time.
    if (name !== undefined && value !== undefined && !properties.has(name)) {
      properties.set(name, value);
    }
  }
  return [{ method, result, properties }];
}

/** At each `;`, without comments. What is in quotes is one word. null: a comment or a quote does not end. */
function segmentsOf(value: string): string[] | null {
  const segments: string[] = [];
  let segment = '';
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at] ?? '';
    if (char === '\\' && (isQuoted || depth > 0)) {
      at += 1;
      if (isQuoted) segment += '_';
    } else if (depth > 0) {
      depth += char === '(' ? 1 : 0;
      depth -= char === ')' ? 1 : 0;
    } else if (char === '"') {
      isQuoted = !isQuoted;
    } else if (isQuoted) {
      segment += /[\s;=()]/.test(char) ? '_' : char;
    } else if (char === '(') {
      depth = 1;
      segment += ' ';
    } else if (char === ')') {
      return null;
    } else if (char === ';') {
      segments.push(segment);
      segment = '';
    } else {
      segment += char;
    }
  }
  if (isQuoted || depth > 0) return null;
  return [...segments, segment].map((text) => text.replaceAll(/\s+/g, ' ').trim());
}
