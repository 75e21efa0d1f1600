import type { CredentialName, ProcessRecord } from '@ms1/coordination';

/** When each credential ends, by whichever process has the one that ends first: ms since the epoch. */
export function firstEnds(
  processes: readonly Pick<ProcessRecord, 'credentials'>[],
): Map<CredentialName, number> {
  const ends = new Map<CredentialName, number>();
  for (const { credentials = {} } of processes) {
    for (const [name, at] of Object.entries(credentials)) {
      const known = ends.get(name as CredentialName) ?? at;
      ends.set(name as CredentialName, Math.min(at, known));
    }
  }
  return ends;
}
