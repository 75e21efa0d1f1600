/** `Link` header (RFC 8288) to the page after the one that was asked for. */
export function linkToNext(originalUrl: string, cursor: string): string {
  const url = new URL(originalUrl, 'http://console');
  url.searchParams.delete('offset');
  url.searchParams.set('cursor', cursor);
  return `<${url.pathname}${url.search}>; rel="next"`;
}
