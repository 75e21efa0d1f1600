import type { Overview } from '@ms1/console-api';
import type { ComponentChildren } from 'preact';
import { counted, duration, onTimeShare, perSecond, short } from '../words.ts';

type Queue = Overview['queues'][number];

const GATES: Record<Overview['ms4']['gate'], string | null> = {
  open: null,
  held: 'asked to wait',
  tripped: 'breaker open',
  probing: 'breaker half-open',
  ramping: 'picking up speed',
};

/** The way of a message, left to right, with what waits at each stage and what goes from one to the next. */
export function Flow({ overview }: { overview: Overview }) {
  const { queues, rates, ms4, mailboxes, totals, onTime } = overview;
  const inbound = queues.find(({ name }) => name === 'inbound');
  const outbound = queues.find(({ name }) => name === 'outbound');
  if (!inbound || !outbound) return null;
  const gate = GATES[ms4.gate];
  return (
    <ol class="flow">
      <Stage title="Mailboxes" value={mailboxes.total} unit="watched">
        {mailboxes.heldTotal > 0 && (
          <Chip kind="warn">{counted(mailboxes.heldTotal, 'held', 'held')} by Graph</Chip>
        )}
        {mailboxes.stale > 0 && (
          <Chip kind="warn">{counted(mailboxes.stale, 'not walked', 'not walked')}</Chip>
        )}
        {mailboxes.stale + mailboxes.heldTotal === 0 && <span>all walked lately</span>}
      </Stage>
      <Step rate={rates.noticed} what="noticed" />
      <QueueStage queue={inbound} />
      <Step rate={rates.prepared} what="prepared" />
      <Stage title="Processor" value={inbound.active} unit="in hand">
        <span>reads and prepares</span>
      </Stage>
      <Step rate={rates.prepared} what="prepared" />
      <QueueStage queue={outbound} />
      <Step rate={rates.delivered} what="delivered" />
      <Stage title="MS4" value={totals.delivered} unit="delivered">
        {gate ? (
          <Chip kind={ms4.gate === 'ramping' ? 'calm' : 'bad'}>
            {gate}
            {ms4.forSeconds > 0 && `, ${duration(ms4.forSeconds)}`}
          </Chip>
        ) : (
          <span>{outbound.active > 0 ? `${short(outbound.active)} being sent` : 'ready'}</span>
        )}
        {onTime.month.timed > 0 && (
          <span>
            {onTimeShare(onTime.today)} within a minute today, {onTimeShare(onTime.month)} in 30
            days
          </span>
        )}
      </Stage>
    </ol>
  );
}

function QueueStage({ queue }: { queue: Queue }) {
  const { name, waiting, delayed, failed, paused, gatedForSeconds, oldestSeconds } = queue;
  return (
    <Stage title={name} value={waiting} unit="waiting" isQueue>
      {paused && <Chip kind="bad">paused</Chip>}
      {gatedForSeconds > 0 && <Chip kind="warn">gated {duration(gatedForSeconds)}</Chip>}
      {failed > 0 && <Chip kind="bad">{short(failed)} dead</Chip>}
      {delayed > 0 && <span>{short(delayed)} later</span>}
      <span>
        {oldestSeconds === null ? 'nothing waits' : `next waits ${duration(oldestSeconds)}`}
      </span>
    </Stage>
  );
}

function Stage({
  title,
  value,
  unit,
  isQueue,
  children,
}: {
  title: string;
  value: number;
  unit: string;
  isQueue?: boolean;
  children: ComponentChildren;
}) {
  return (
    <li class={isQueue ? 'stage queue' : 'stage'}>
      <h3>{title}</h3>
      <p class="figure">
        <span class="value">{short(value)}</span> <span class="unit">{unit}</span>
      </p>
      <p class="facts">{children}</p>
    </li>
  );
}

function Step({ rate, what }: { rate: number | null; what: string }) {
  return (
    <li class={rate !== null && rate > 0 ? 'step moves' : 'step'}>
      <span class="rate">{perSecond(rate)}</span>
      <span aria-hidden="true" class="arrow" />
      <span class="sr">{what}</span>
    </li>
  );
}

function Chip({ kind, children }: { kind: 'bad' | 'warn' | 'calm'; children: ComponentChildren }) {
  return <span class={`chip ${kind}`}>{children}</span>;
}
