import { useState } from 'preact/hooks';

import { ActDialog } from '../operations/act-dialog.tsx';
import { plain } from '../words.ts';

/** What can be done with dead letters; each asks first. */
export function LetterActions({
  which,
  cause,
}: {
  which: { fingerprint?: string; key?: string };
  cause: string;
}) {
  const [asked, setAsked] = useState<'replay' | 'discard'>();
  return (
    <span class="actions">
      {(['replay', 'discard'] as const).map((one) => (
        <button key={one} type="button" onClick={() => setAsked(one)}>
          {plain(one)} <span class="sr">{cause}</span>
        </button>
      ))}
      {asked && (
        <ActDialog which={{ letters: which }} action={asked} onClose={() => setAsked(undefined)} />
      )}
    </span>
  );
}
