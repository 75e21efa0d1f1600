import type { AnswerOf } from '@ms1/console-api';
import { useState } from 'preact/hooks';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { Ago, At } from '../moment.tsx';
import { Older } from '../older.tsx';
import { mayAct } from '../state/me.ts';
import { auditPath } from '../state/place.ts';
import { useList } from '../state/use-list.ts';
import { number } from '../words.ts';
import { auditInWords } from './audit-in-words.ts';
import { NewAudit } from './new-audit.tsx';

/** Comparisons of mailboxes with the ledger, the latest first. */
export function AuditsView() {
  const { rows, isLooking, trouble, more } = useList('GET /audits');
  const [isStarting, setIsStarting] = useState(false);
  return (
    <>
      <Heading title="Audits">
        <CsvLink path="/audits" of="the audits" />
        {mayAct.value && (
          <button type="button" class="main" onClick={() => setIsStarting(true)}>
            Start an audit
          </button>
        )}
      </Heading>
      {isStarting && <NewAudit onClose={() => setIsStarting(false)} />}
      {trouble && <Empty title="The audits cannot be listed">{trouble}</Empty>}
      {!(isLooking || trouble) && rows.length === 0 && (
        <Empty title="No audit yet">
          An audit lists mailboxes and looks every message up in the ledger. One of the latest mail
          runs by itself each hour; a session ends with one of its window.
        </Empty>
      )}
      {rows.length > 0 && (
        <ul class="rows">
          {rows.map((audit) => (
            <AuditRow key={audit.id} audit={audit} />
          ))}
        </ul>
      )}
      <Older isLooking={isLooking} more={more} />
    </>
  );
}

function AuditRow({ audit }: { audit: AnswerOf<'GET /audits'>[number] }) {
  const { id, createdAt, from, to, listed, sessionId, repaired } = audit;
  const { text, kind } = auditInWords(audit);
  return (
    <li>
      <span class="grow">
        <a href={auditPath(id)}>
          {sessionId ? 'Report of a session' : 'Audit'}, <Ago at={createdAt} />
        </a>
        <span class="second">
          received {from ? <At at={from} /> : 'from the beginning'} to {to ? <At at={to} /> : 'now'}
        </span>
      </span>
      <span class="muted">{number(listed)} in the mailboxes</span>
      {repaired > 0 && <span class="muted">{number(repaired)} put back</span>}
      <span class={`chip ${kind}`}>{text}</span>
    </li>
  );
}
