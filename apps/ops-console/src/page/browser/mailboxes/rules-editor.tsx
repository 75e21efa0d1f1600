import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { callApi } from '../state/call-api.ts';
import type { Mailbox } from '../state/mailboxes.ts';
import { mailShown, role } from '../state/me.ts';
import { tell } from '../state/notice.ts';
import { counted } from '../words.ts';
import { RulesOutcome, type RulesTest, type TestedMail } from './rules-outcome.tsx';
import { type Rules, readRules, tryRules } from './try-rules.ts';

/** Messages that rules are tried on. */
const LAST = 100;

interface Tried {
  /** as it was written then */
  written: string;
  test: RulesTest;
  mail: TestedMail | undefined;
}

/** Which mail of a mailbox is taken, as its configuration has it: tried on its latest mail before it is saved. */
export function RulesEditor({
  mailbox: { mailboxId, label, rules, revision, state },
  onSaved,
}: {
  mailbox: Mailbox;
  onSaved: () => Promise<void>;
}) {
  const saved = JSON.stringify(rules ?? {}, null, 2);
  /** what was there when somebody began to write; undefined: nobody does */
  const [draft, setDraft] = useState<{ of: string; written: string }>();
  const [tried, setTried] = useState<Tried>();
  const [said, setSaid] = useState('');
  if (rules === null) {
    return (
      <Frame>
        <p class="muted">Your role does not show them: they hold addresses.</p>
      </Frame>
    );
  }
  const written = draft?.written ?? saved;
  const attempt = async (): Promise<void> => {
    const given = readRules(written);
    setTried(undefined);
    if (!given) return setSaid('This is no JSON. See “Rules” in docs/graph.md.');
    setSaid(`Reading the latest ${LAST} messages …`);
    const test = await tryRules(mailboxId, LAST, given);
    if (typeof test === 'string') return setSaid(test);
    const isShown = mailShown.value === 'shown' && test.result !== null;
    const mail = isShown
      ? await callApi('POST /rules-tests/:id/mail', { params: { id: test.id } })
      : undefined;
    setTried({ written, test, mail: mail?.ok ? mail.body : undefined });
    setSaid('');
  };
  const save = async (given: Rules): Promise<void> => {
    if (draft && draft.of !== saved) {
      return setSaid('Somebody changed the rules meanwhile: “Undo” shows them.');
    }
    const answer = await callApi('PATCH /mailboxes/:id', {
      params: { id: mailboxId },
      body: { rules: given, ifRevision: revision },
    });
    if (!answer.ok) return tell('refused', answer.why);
    const many = Object.keys(given).length;
    tell('done', `${label} has ${many === 0 ? 'no rules' : counted(many, 'rule')} now.`);
    await onSaved();
    setDraft(undefined);
    setTried(undefined);
  };
  const isChanged = written !== saved;
  const given = tried?.written === written ? readRules(written) : null;
  return (
    <Frame>
      <label>
        Which mail is taken <span class="muted">(empty: all but drafts)</span>
        <textarea
          name="rules"
          rows={Math.min(16, Math.max(5, written.split('\n').length))}
          spellcheck={false}
          value={written}
          onInput={({ currentTarget }) =>
            setDraft({ of: draft?.of ?? saved, written: currentTarget.value })
          }
        />
      </label>
      <div class="actions">
        <button type="button" onClick={() => void attempt()}>
          Try on the last {LAST} messages
        </button>
        {isChanged && (
          <button type="button" onClick={() => setDraft(undefined)}>
            Undo
          </button>
        )}
        {isChanged && given && role.value === 'admin' && state !== 'removed' && (
          <button type="button" class="main" onClick={() => void save(given)}>
            Save the rules
          </button>
        )}
      </div>
      <p class="muted">
        Trying changes nothing. {nextOf(isChanged, given !== null, role.value === 'admin')}
      </p>
      <div class="outcome" aria-live="polite">
        {said && <p>{said}</p>}
        {tried && <RulesOutcome test={tried.test} mail={tried.mail} />}
      </div>
    </Frame>
  );
}

function Frame({ children }: { children: ComponentChildren }) {
  return (
    <section aria-labelledby="rules-title">
      <h2 id="rules-title">Rules</h2>
      <div class="card rules">{children}</div>
    </section>
  );
}

function nextOf(isChanged: boolean, isTried: boolean, maySave: boolean): string {
  if (!maySave) return 'An admin may save what was tried.';
  if (!isChanged) return 'What is saved counts for mail that comes from then on.';
  return isTried
    ? 'Saved, they count for mail that comes from then on.'
    : 'They can be saved once they were tried.';
}
