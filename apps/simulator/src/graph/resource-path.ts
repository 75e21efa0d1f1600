/** Segments that name a collection, in lower case; ids keep theirs because they are case-sensitive. */
const COLLECTIONS = new Set([
  'users',
  'mailfolders',
  'messages',
  'attachments',
  'delta',
  '$value',
  'subscriptions',
  'reauthorize',
]);

/**
 * Splits a resource path into segments, both spellings alike: `users/x/mailFolders/y/messages` and
 * `Users('x')/mailFolders('y')/messages`.
 */
export function resourceSegments(path: string): string[] {
  return path
    .replace(/\('([^']*)'\)/g, '/$1')
    .replace(/\/(?:microsoft\.graph\.)?delta\(\)$/i, '/delta')
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => {
      const decoded = decodeURIComponent(segment);
      const collection = decoded.toLowerCase();
      return COLLECTIONS.has(collection) ? collection : decoded;
    });
}
