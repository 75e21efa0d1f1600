import type { AnswerOf, RequestOf } from '@ms1/console-api';
import { useEffect, useState } from 'preact/hooks';
import { AskDialog } from '../ask-dialog.tsx';
import { callApi } from '../state/call-api.ts';
import { role } from '../state/me.ts';
import { tell } from '../state/notice.ts';
import { textOf } from '../state/text-of.ts';
import { counted } from '../words.ts';
import { RulesOutcome } from './rules-outcome.tsx';

type Rules = NonNullable<NonNullable<RequestOf<'PATCH /mailboxes/:id'>['body']>['rules']>;
type RulesTest = AnswerOf<'GET /rules-tests/:id'>;

/** Messages that rules are tried on. */
const LAST = 100;
const POLL_MS = 1_000;
/** 100 messages take Graph some seconds, and a processor may be at another test. */
const POLLS_MAX = 120;

/** The rules of a mailbox as they are written in its configuration: tried on its latest mail before they are saved. */
export function RulesDialog({
  id,
  label,
  onClose,
}: {
  id: string;
  label: string;
  onClose: () => void;
}) {
  const maySave = role.value === 'admin';
  const [written, setWritten] = useState<string>();
  const [outcome, setOutcome] = useState<RulesTest | string>();
  useEffect(() => {
    const load = async (): Promise<void> => {
      const answer = await callApi('GET /mailboxes/:id', { params: { id } });
      if (answer.ok) setWritten(JSON.stringify(answer.body.rules ?? {}, null, 2));
      else tell('refused', answer.why);
    };
    void load();
  }, [id]);
  const attempt = async (): Promise<void> => {
    const rules = read(written ?? '');
    if (!rules) return setOutcome('This is no JSON. See “Rules” in the documentation.');
    setOutcome(`Reading the latest ${LAST} messages…`);
    setOutcome(await tried(id, rules));
  };
  return (
    <AskDialog
      title={`Rules of ${label}`}
      confirm={maySave ? 'Save' : 'Done'}
      onClose={onClose}
      onConfirm={async (form) => {
        if (maySave) await save(id, label, textOf(form, 'rules'));
      }}
    >
      <label>
        Which mail is taken <span class="muted">(empty: all but drafts)</span>
        <textarea
          name="rules"
          rows={12}
          spellcheck={false}
          value={written}
          disabled={written === undefined}
          onInput={(event) => setWritten(event.currentTarget.value)}
        />
      </label>
      <p>
        <button type="button" onClick={() => void attempt()}>
          Try on the latest mail
        </button>{' '}
        <span class="muted">
          Nothing changes by it.{' '}
          {maySave
            ? 'Saved rules count for mail that comes from then on.'
            : 'An admin may save them.'}
        </span>
      </p>
      <div aria-live="polite">
        {typeof outcome === 'string' ? <p>{outcome}</p> : outcome && <Outcome test={outcome} />}
      </div>
    </AskDialog>
  );
}

function Outcome({ test: { status, failed, result } }: { test: RulesTest }) {
  if (result) return <RulesOutcome result={result} />;
  return (
    <p>
      {status === 'waiting'
        ? 'No processor answers. Is one running?'
        : `The mailbox could not be read: ${failed}.`}
    </p>
  );
}

/** Ends with what it knows when nobody answers for two minutes. */
async function tried(id: string, rules: Rules): Promise<RulesTest | string> {
  const asked = await callApi('POST /mailboxes/:id/rules-tests', {
    params: { id },
    body: { last: LAST, rules },
  });
  if (!asked.ok) return asked.why;
  let test: RulesTest = asked.body;
  for (let polls = 0; test.status === 'waiting' && polls < POLLS_MAX; polls += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const answer = await callApi('GET /rules-tests/:id', { params: { id: test.id } });
    if (!answer.ok) return answer.why;
    test = answer.body;
  }
  return test;
}

async function save(id: string, label: string, written: string): Promise<void> {
  const rules = read(written);
  if (!rules) return tell('refused', `The rules of ${label} are no JSON: nothing was saved.`);
  const answer = await callApi('PATCH /mailboxes/:id', { params: { id }, body: { rules } });
  if (!answer.ok) return tell('refused', answer.why);
  const many = Object.keys(rules).length;
  tell('done', `${label} has ${many === 0 ? 'no rules' : counted(many, 'rule', 'rules')} now.`);
}

/** Whether they are rules the API says, in words. */
function read(written: string): Rules | null {
  try {
    const rules: unknown = JSON.parse(written.trim() || '{}');
    return typeof rules === 'object' && rules !== null && !Array.isArray(rules) ? rules : null;
  } catch {
    return null;
  }
}
