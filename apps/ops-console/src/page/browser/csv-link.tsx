/** What is listed, or reported, as a file for Excel: all of it, not only what is shown. */
export function CsvLink({
  path,
  query = {},
  of,
}: {
  /** of the list, below /api */
  path: string;
  query?: Record<string, string>;
  /** for those who listen: of what */
  of: string;
}) {
  const asked = new URLSearchParams({ ...query, format: 'csv' }).toString();
  return (
    <a href={`/api${path}?${asked}`} target="_self" download>
      CSV<span class="sr"> of {of}</span>
    </a>
  );
}
