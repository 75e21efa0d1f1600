import { callApi } from '../state/call-api.ts';
import { type Group, loadGroups } from '../state/groups.ts';
import { tell } from '../state/notice.ts';
import { momentOf, textOf } from '../state/text-of.ts';

/** Who looks after a group, what they do, and until when nobody has to be told of it. */
export function TriageForm({ id, triage }: { id: string; triage: Group['triage'] }) {
  return (
    <form
      class="card triage"
      onSubmit={(event) => {
        event.preventDefault();
        void save(id, new FormData(event.currentTarget));
      }}
    >
      <label>
        Assigned to
        <input
          name="assignee"
          maxLength={64}
          autoComplete="off"
          defaultValue={triage?.assignee ?? ''}
        />
      </label>
      <label>
        Put off until <span class="muted">(empty: now)</span>
        <input
          name="snoozedUntil"
          type="datetime-local"
          defaultValue={localOf(triage?.snoozedUntil ?? null)}
        />
      </label>
      <label class="wide">
        Note <span class="muted">(no names, no subjects: everybody who may look sees it)</span>
        <input name="note" maxLength={500} autoComplete="off" defaultValue={triage?.note ?? ''} />
      </label>
      <button type="submit">Save</button>
    </form>
  );
}

async function save(id: string, form: FormData): Promise<void> {
  const body = {
    assignee: textOf(form, 'assignee') || null,
    note: textOf(form, 'note') || null,
    snoozedUntil: momentOf(form, 'snoozedUntil'),
  };
  const answer = await callApi('PATCH /dead-letters/groups/:id', { params: { id }, body });
  if (!answer.ok) {
    tell('refused', answer.why);
    return;
  }
  await loadGroups();
  tell('done', 'Saved.');
}

/** As the field has it: in this browser's time, to the minute. */
function localOf(moment: string | null): string {
  if (moment === null) return '';
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
