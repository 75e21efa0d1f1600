import type { ComponentChildren } from 'preact';

import { KINDS, type RulesForm } from './rules-form.ts';

interface FieldsProps {
  form: RulesForm;
  onChange: (part: Partial<RulesForm>) => void;
}

/** The rules of a mailbox, each in a field of its own. What is empty restricts nothing. */
export function RulesFields({ form, onChange }: FieldsProps) {
  const list = (name: 'allow' | 'deny' | 'any' | 'none', children: ComponentChildren) => (
    <label>
      <span>{children}</span>
      <textarea
        rows={Math.min(8, Math.max(2, form[name].split('\n').length))}
        spellcheck={false}
        value={form[name]}
        onInput={({ currentTarget }) => onChange({ [name]: currentTarget.value })}
      />
    </label>
  );
  return (
    <>
      <p class="muted">
        A message is taken when it satisfies every field; an empty one restricts nothing. One
        address, @domain or text a line.
      </p>
      <div class="pair">
        {list('allow', 'Only from these senders')}
        {list('deny', 'Never from these senders')}
        {list('any', 'Only with one of these in the subject')}
        {list('none', 'Never with one of these in the subject')}
      </div>
      <label class="tick">
        <input
          type="checkbox"
          checked={form.acceptsUnauthenticated}
          onChange={({ currentTarget }) =>
            onChange({ acceptsUnauthenticated: currentTarget.checked })
          }
        />
        Take those senders also where nothing proves that they sent it
      </label>
      <Files form={form} onChange={onChange} />
      <Kinds form={form} onChange={onChange} />
    </>
  );
}

function Files({ form, onChange }: FieldsProps) {
  const bound = (name: 'minBytes' | 'maxBytes', label: string) => (
    <label>
      {label}
      <input
        type="number"
        min={0}
        value={form[name]}
        onInput={({ currentTarget }) => onChange({ [name]: currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="trio">
      <label>
        Files
        <select
          value={form.files}
          onChange={({ currentTarget }) =>
            onChange({ files: currentTarget.value as RulesForm['files'] })
          }
        >
          <option value="">with or without</option>
          <option value="with">only with files</option>
          <option value="without">only without files</option>
        </select>
      </label>
      {bound('minBytes', 'Bytes of its files, at least')}
      {bound('maxBytes', 'Bytes of its files, at most')}
    </div>
  );
}

function Kinds({ form: { kinds }, onChange }: FieldsProps) {
  return (
    <fieldset>
      <legend>Kinds of mail that are taken</legend>
      <div class="kinds">
        {(Object.keys(KINDS) as (keyof typeof KINDS)[]).map((kind) => (
          <label key={kind} class="tick">
            <input
              type="checkbox"
              checked={kinds.includes(kind)}
              onChange={({ currentTarget }) =>
                onChange({
                  kinds: currentTarget.checked
                    ? [...kinds, kind]
                    : kinds.filter((one) => one !== kind),
                })
              }
            />
            {KINDS[kind]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
