import type { Forgotten } from './forget.ts';
import type { Person } from './person.ts';

interface Reach {
  forgotten: Forgotten;
  person: Person;
  dryRun: boolean;
  isSearchable: boolean;
  redis: 'asked' | 'off' | 'refused' | null;
  /** lines of the operator log that the address is in */
  logLines: number;
}

/** What a removal does not reach, and what to do about it, in sentences that name nobody. */
export function notReached({
  forgotten: { unreadable, inHand, onTheWay },
  person: { address, watched, namedIn },
  dryRun,
  isSearchable,
  redis,
  logLines,
}: Reach): string[] {
  return [
    'Mail in the mailbox: delete it there first, or waiting mail is read from it again.',
    'Records at MS4: ask it to erase those with these keys.',
    'Backups of Redis: delete them, or let them expire.',
    'The memory of processor: gone within a minute.',
    ...(watched.length > 0
      ? [`Mailbox ${watched.join(', ')} is still read: more will come until it is removed.`]
      : []),
    ...(namedIn.length > 0
      ? [`Label or rules of mailbox ${namedIn.join(', ')} name the address: change them.`]
      : []),
    ...(logLines > 0
      ? [`${logLines} lines of the operator log name the address: they expire by age.`]
      : []),
    ...(isSearchable
      ? []
      : ['Index entries of delivered mail, if there are any: set LOOKUP_KEY for the console.']),
    ...(isSearchable && address !== null
      ? ['Index entries of delivered mail to the address: it is indexed by its sender alone.']
      : []),
    ...(unreadable > 0
      ? [`Jobs sealed by a key that the console lacks, or of a later version: ${unreadable}.`]
      : []),
    ...(inHand > 0 ? [`Jobs in the hands of a process: ${inHand}. Ask again in a minute.`] : []),
    ...(onTheWay > 0
      ? [`Messages read again, on their way to MS4: ${onTheWay}. They go when MS4 has them.`]
      : []),
    ...(redis === 'refused'
      ? ["Redis's append-only file: Redis did not start to rewrite it; run BGREWRITEAOF."]
      : []),
    ...(dryRun
      ? []
      : ["Redis's snapshot (dump.rdb), if there is one, until Redis writes the next."]),
  ];
}
