import type { CauseView } from '@ms1/console-api';
import type { ComponentChildren } from 'preact';

import { Ago, At } from '../moment.tsx';
import type { Group } from '../state/groups.ts';
import { mayAct } from '../state/me.ts';
import { groupPath } from '../state/place.ts';
import { number, plain } from '../words.ts';
import { LetterActions } from './letter-actions.tsx';

/** A code as people read it; a sentence as it is. */
export const causeInWords = (cause: string): string =>
  /^[a-z_\d]+$/.test(cause) ? plain(cause) : cause;

/** Dead letters that died of the same thing, with what can be done about them. */
export function CauseList({ causes }: { causes: readonly (CauseView | Group)[] }) {
  return (
    <ul class="causes">
      {causes.map((group) => (
        <Cause key={group.fingerprint} group={group} />
      ))}
    </ul>
  );
}

function Cause({ group }: { group: CauseView | Group }) {
  const { fingerprint, stage, cause, count, firstAt, lastAt } = group;
  return (
    <li class="card cause">
      <p class="figure">
        <span class="value">{number(count)}</span>
      </p>
      <div class="grow">
        <h3>
          <a href={groupPath(fingerprint)}>{causeInWords(cause)}</a>
        </h3>
        <p class="muted facts">
          <span>in {stage}</span>
          <span>
            first <Ago at={firstAt} />
          </span>
          <span>
            last <Ago at={lastAt} />
          </span>
        </p>
        {'advice' in group && (
          <>
            <p>{group.advice}</p>
            <Said group={group} />
          </>
        )}
      </div>
      {mayAct.value && <LetterActions which={{ fingerprint }} cause={cause} />}
    </li>
  );
}

/** Who looks after a group, and what is known of it since somebody acted. */
export function Said({ group: { triage } }: { group: Group }): ComponentChildren {
  if (!triage) return null;
  const { assignee, note, snoozedUntil, replayedAt, grewAfterReplay } = triage;
  return (
    <p class="facts">
      {assignee && <span class="chip calm">{assignee}</span>}
      {snoozedUntil && (
        <span class="muted">
          put off until <At at={snoozedUntil} />
        </span>
      )}
      {replayedAt &&
        (grewAfterReplay ? (
          <span class="chip warn">
            came back after the replay <Ago at={replayedAt} />
          </span>
        ) : (
          <span class="muted">
            replayed <Ago at={replayedAt} />
          </span>
        ))}
      {note && <span>{note}</span>}
    </p>
  );
}
