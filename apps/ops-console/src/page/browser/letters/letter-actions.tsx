import { useState } from 'preact/hooks';

import { plain } from '../words.ts';
import { ClearLetters, type Which } from './clear-letters.tsx';

/** What can be done with dead letters; each asks first. */
export function LetterActions({ which, cause }: { which: Which; cause: string }) {
  const [asked, setAsked] = useState<'replay' | 'discard'>();
  return (
    <span class="actions">
      {(['replay', 'discard'] as const).map((one) => (
        <button key={one} type="button" onClick={() => setAsked(one)}>
          {plain(one)} <span class="sr">{cause}</span>
        </button>
      ))}
      {asked && <ClearLetters which={which} action={asked} onClose={() => setAsked(undefined)} />}
    </span>
  );
}
