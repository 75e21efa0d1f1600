import type { AnswerOf } from '@ms1/console-api';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { At } from '../moment.tsx';
import { Older } from '../older.tsx';
import { useList } from '../state/use-list.ts';

type Line = AnswerOf<'GET /actions'>[number];

/** What people did through the console, `ms1` and the API, the latest first. */
export function ActionsView() {
  const { rows, isLooking, trouble, more } = useList('GET /actions');
  // A line before it happened and one after: shown as one, with how it ended.
  const ends = new Map(rows.flatMap(({ of, status }) => (of === null ? [] : [[of, status]])));
  const begun = rows.filter(({ of }) => of === null);
  return (
    <>
      <Heading title="Operators’ log">
        <CsvLink path="/actions" of="the log" />
      </Heading>
      {trouble && <Empty title="The log cannot be read">{trouble}</Empty>}
      {!(isLooking || trouble) && rows.length === 0 && (
        <Empty title="Nothing was done yet">
          Whatever changes something through the page, ms1 or the API stands here for 400 days, with
          who did it.
        </Empty>
      )}
      {begun.length > 0 && (
        <ul class="rows">
          {begun.map((line) => (
            <ActionRow key={line.id} line={line} status={ends.get(line.id) ?? null} />
          ))}
        </ul>
      )}
      <Older isLooking={isLooking} more={more} />
    </>
  );
}

const HOW: Record<Line['by'], string> = {
  token: 'with a token',
  oidc: 'by the identity provider',
  password: 'with the password',
};

function ActionRow({ line, status }: { line: Line; status: number | null }) {
  const { at, by, subject, name, action, detail } = line;
  const { text, kind } = endInWords(status);
  return (
    <li>
      <div class="grow told">
        <p>
          <code>{action}</code>
        </p>
        <p class="muted">
          <At at={at} />, {subject ?? 'somebody'} {HOW[by] ?? by}
          {name !== null && ` (gave the name ${name})`}
        </p>
        {detail !== null && Object.keys(Object(detail)).length > 0 && (
          <p>
            <code>{JSON.stringify(detail)}</code>
          </p>
        )}
      </div>
      <span class={`chip ${kind}`}>{text}</span>
    </li>
  );
}

function endInWords(status: number | null): { text: string; kind: 'calm' | 'warn' | 'bad' } {
  if (status === null) return { text: 'no end is known', kind: 'warn' };
  if (status < 300) return { text: 'done', kind: 'calm' };
  return {
    text: `${status < 500 ? 'refused' : 'failed'} (${status})`,
    kind: status < 500 ? 'warn' : 'bad',
  };
}
