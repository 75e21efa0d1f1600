import type { SessionView } from '@ms1/console-api';
import type { ComponentChildren } from 'preact';

import { CsvLink } from '../csv-link.tsx';
import { Ago } from '../moment.tsx';
import { mayAct } from '../state/me.ts';
import { counted, duration, number, perSecond } from '../words.ts';
import { SessionActions } from './session-actions.tsx';

/** One session: how far it is, how fast it goes, when it ends, and what can be done with it. */
export function SessionCard({
  session,
  children,
}: {
  session: SessionView;
  /** what else can be done with it here */
  children?: ComponentChildren;
}) {
  const { id, name, counts, found, mailboxes, createdAt, finishedAt } = session;
  const final = counts.delivered + counts.skipped + counts.dead;
  return (
    <article class="card session" aria-labelledby={`s-${id}`}>
      <header>
        <h3 id={`s-${id}`}>{name}</h3>
        <Status session={session} />
      </header>
      <progress max={Math.max(1, found)} value={final} aria-label={`Progress of ${name}`} />
      <p class="progress-line">
        <span>
          <strong>{number(final)}</strong> of {number(found)} final
        </span>
        <span class="muted">{paceOf(session)}</span>
      </p>
      <dl class="counts">
        <Count label="delivered" value={counts.delivered} />
        <Count label="on the way" value={counts.queued + counts.prepared} />
        <Count label="skipped" value={counts.skipped} />
        <Count label="dead" value={counts.dead} isBad />
      </dl>
      <footer>
        <span class="muted">
          {counted(mailboxes, 'mailbox', 'mailboxes')}, {finishedAt ? 'ended' : 'begun'}{' '}
          <Ago at={finishedAt ?? createdAt} />
        </span>
        {hasReport(session) && (
          <span>
            <a href={`/api/sessions/${id}/report?format=text`} target="_self">
              Report
            </a>{' '}
            <CsvLink path={`/sessions/${id}/report`} of={`the report of ${name}`} />
          </span>
        )}
        {children}
        {mayAct.value && <SessionActions session={session} />}
      </footer>
    </article>
  );
}

function Count({ label, value, isBad }: { label: string; value: number; isBad?: boolean }) {
  return (
    <div class={isBad && value > 0 ? 'bad' : undefined}>
      <dt>{label}</dt>
      <dd>{number(value)}</dd>
    </div>
  );
}

function Status({ session: { status, paused, scans } }: { session: SessionView }) {
  if (paused && (status === 'open' || status === 'closing')) {
    return <span class="chip warn">paused</span>;
  }
  if (status === 'closing') {
    return (
      <span class="chip calm">
        closing: {scans.done} of {scans.total} folders listed
      </span>
    );
  }
  const isWarning = status === 'cancelled' || status === 'incomplete';
  return <span class={`chip ${isWarning ? 'warn' : 'calm'}`}>{status}</span>;
}

function hasReport({ status }: SessionView): boolean {
  return status === 'finished' || status === 'incomplete';
}

function paceOf({ status, rate, counts, found }: SessionView): string {
  const { perSecond: speed, etaSeconds, limitedBy } = rate;
  if (status === 'finished') return `${perSecond(speed)} on average`;
  if (status === 'incomplete') return 'Graph counts more mail than it lists';
  if (status === 'cancelled') return 'not followed any more';
  const left = Math.max(found - counts.delivered - counts.skipped - counts.dead, 0);
  if (left === 0) return status === 'open' ? 'open for more' : 'all final';
  if (etaSeconds === null) return 'nothing moves right now';
  const why = limitedBy === 'graph' ? ', at the pace Graph allows' : '';
  return `${perSecond(speed)}, done in about ${duration(etaSeconds)}${why}`;
}
