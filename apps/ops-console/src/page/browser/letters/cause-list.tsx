import type { CauseView } from '@ms1/console-api';
import { signal } from '@preact/signals';
import { Ago } from '../moment.tsx';
import { mayAct } from '../state/me.ts';
import { messagePath } from '../state/place.ts';
import { number, plain } from '../words.ts';
import { ClearLetters } from './clear-letters.tsx';

const asked = signal<{ fingerprint: string; action: 'replay' | 'discard' }>();

/** Dead letters that died of the same thing, with what can be done about them. */
export function CauseList({ causes }: { causes: readonly CauseView[] }) {
  return (
    <ul class="causes">
      {causes.map((group) => {
        const { fingerprint, stage, cause, count, firstAt, lastAt, sample } = group;
        const action = asked.value?.fingerprint === fingerprint ? asked.value.action : undefined;
        return (
          <li key={fingerprint} class="card cause">
            <p class="figure">
              <span class="value">{number(count)}</span>
            </p>
            <div class="grow">
              <h3>{/^[a-z_]+$/.test(cause) ? plain(cause) : cause}</h3>
              <p class="muted facts">
                <span>in {stage}</span>
                <span>
                  first <Ago at={firstAt} />
                </span>
                <span>
                  last <Ago at={lastAt} />
                </span>
                <a href={messagePath(sample)}>
                  one of them<span class="sr">, {cause}</span>
                </a>
              </p>
            </div>
            {mayAct.value && (
              <span class="actions">
                {(['replay', 'discard'] as const).map((one) => (
                  <button
                    key={one}
                    type="button"
                    onClick={() => {
                      asked.value = { fingerprint, action: one };
                    }}
                  >
                    {plain(one)} <span class="sr">{cause}</span>
                  </button>
                ))}
              </span>
            )}
            {action && (
              <ClearLetters
                which={{ fingerprint }}
                count={count}
                action={action}
                onClose={() => {
                  asked.value = undefined;
                }}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}
