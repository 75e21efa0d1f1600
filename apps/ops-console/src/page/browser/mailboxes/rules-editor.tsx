import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

import { callApi } from '../state/call-api.ts';
import type { Mailbox } from '../state/mailboxes.ts';
import { mailShown, role } from '../state/me.ts';
import { tell } from '../state/notice.ts';
import { counted } from '../words.ts';
import { RulesFields } from './rules-fields.tsx';
import { formOf, type RulesForm, rulesOf } from './rules-form.ts';
import { RulesOutcome, type RulesTest, type TestedMail } from './rules-outcome.tsx';
import { tryRules } from './try-rules.ts';

/** Messages that rules are tried on. */
const LAST = 100;

interface Tried {
  /** the rules, as a text to compare them by */
  text: string;
  test: RulesTest;
  mail: TestedMail | undefined;
}

/** Which mail of a mailbox is taken: tried on its latest mail before it is saved. */
export function RulesEditor({
  mailbox: { mailboxId, label, rules, revision, state },
  onSaved,
}: {
  mailbox: Mailbox;
  onSaved: () => Promise<void>;
}) {
  const saved = textOf(formOf(rules ?? {}));
  /** with what was there when somebody began to write; undefined: nobody does */
  const [draft, setDraft] = useState<{ of: string; form: RulesForm }>();
  const [tried, setTried] = useState<Tried>();
  const [said, setSaid] = useState('');
  if (rules === null) {
    return (
      <Frame>
        <p class="muted">Your role does not show them: they hold addresses.</p>
      </Frame>
    );
  }
  const form = draft?.form ?? formOf(rules);
  const text = textOf(form);
  const attempt = async (): Promise<void> => {
    setTried(undefined);
    setSaid(`Reading the latest ${LAST} messages …`);
    const test = await tryRules(mailboxId, LAST, rulesOf(form));
    if (typeof test === 'string') return setSaid(test);
    const isShown = mailShown.value === 'shown' && test.result !== null;
    const mail = isShown
      ? await callApi('POST /rules-tests/:id/mail', { params: { id: test.id } })
      : undefined;
    setTried({ text, test, mail: mail?.ok ? mail.body : undefined });
    setSaid('');
  };
  const save = async (): Promise<void> => {
    if (draft && draft.of !== saved) {
      return setSaid('Somebody changed the rules meanwhile: “Undo” shows them.');
    }
    const given = rulesOf(form);
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
  const isChanged = text !== saved;
  const isTried = tried?.text === text;
  const maySave = role.value === 'admin' && state !== 'removed';
  return (
    <Frame>
      <RulesFields
        form={form}
        onChange={(part) => setDraft({ of: draft?.of ?? saved, form: { ...form, ...part } })}
      />
      <div class="actions">
        <button type="button" onClick={() => void attempt()}>
          Try on the last {LAST} messages
        </button>
        {isChanged && (
          <button type="button" onClick={() => setDraft(undefined)}>
            Undo
          </button>
        )}
        {isChanged && isTried && maySave && (
          <button type="button" class="main" onClick={() => void save()}>
            Save the rules
          </button>
        )}
      </div>
      <p class="muted">Trying changes nothing. {nextOf({ isChanged, isTried, maySave })}</p>
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

/** Rules that say the same have the same text. */
const textOf = (form: RulesForm): string => JSON.stringify(rulesOf(form));

function nextOf({
  isChanged,
  isTried,
  maySave,
}: Record<'isChanged' | 'isTried' | 'maySave', boolean>): string {
  if (!maySave) return 'An admin may save what was tried.';
  if (isChanged && !isTried) return 'They can be saved once they were tried.';
  return 'What is saved counts for mail that comes from then on.';
}
