import type { AnswerOf } from '@ms1/console-api';

import { CsvLink } from '../csv-link.tsx';
import { Empty, Heading } from '../heading.tsx';
import { Ago } from '../moment.tsx';
import { consoleNow } from '../state/overview.ts';
import { useAnswer } from '../state/use-answer.ts';
import { counted, duration, size } from '../words.ts';

type Fleet = AnswerOf<'GET /fleet'>;
type Process = Fleet['processes'][number];

/** ms: how often a process says that it is alive. */
const EVERY_MS = 5_000;

/** Every process that is alive: what it is, since when, and what went wrong in it last. */
export function FleetView() {
  const { answer } = useAnswer('GET /fleet', undefined, () => EVERY_MS);
  if (!answer) return <Heading title="Looking …" />;
  return (
    <>
      <Heading title="Processes">
        {answer.ok && (
          <p class="muted">
            {counted(answer.body.processes.length, 'process', 'processes')}{' '}
            <CsvLink path="/fleet" of="the processes" />
          </p>
        )}
      </Heading>
      {answer.ok ? (
        <Shown fleet={answer.body} />
      ) : (
        <Empty title="The processes cannot be listed">{answer.why}</Empty>
      )}
    </>
  );
}

function Shown({ fleet: { processes, missing, redis } }: { fleet: Fleet }) {
  const versions = [...new Set(processes.map(({ version }) => version))];
  return (
    <>
      {missing.map((app) => (
        <p key={app} class="card">
          <span class="chip bad">missing</span> No process of <strong>{app}</strong> is alive. Start
          one: without it mail does not get through.
        </p>
      ))}
      {versions.length > 1 && (
        <p class="card">
          <span class="chip warn">versions</span> {versions.join(' and ')} run side by side. That is
          fine while a release is rolled out.
        </p>
      )}
      {processes.length > 0 && (
        <ul class="rows">
          {processes.map((one) => (
            <ProcessRow key={one.id} process={one} />
          ))}
        </ul>
      )}
      <p class="muted">
        Redis {redis.version}: {size(redis.usedMemoryBytes)} used
        {redis.maxMemoryBytes > 0 && ` of ${size(redis.maxMemoryBytes)}`}
        {!redis.persistent && ', nothing is written to disk'}
      </p>
    </>
  );
}

function ProcessRow({ process }: { process: Process }) {
  const { app, version, host, pid, startedAt, seenAt, ready, unready, lastError } = process;
  return (
    <li>
      <span class="grow">
        <strong>{app}</strong> {version}
        <span class="second">
          {host}, process {pid}
        </span>
      </span>
      <span>
        up for {duration((consoleNow.value - Date.parse(startedAt)) / 1_000)}
        <span class="second">
          heard <Ago at={seenAt} />
        </span>
      </span>
      <span>
        {lastError ? (
          <>
            last error <code>{lastError.code}</code>
            <span class="second">
              <Ago at={lastError.at} />
            </span>
          </>
        ) : (
          <span class="muted">no error since its start</span>
        )}
      </span>
      <span class={`chip ${ready ? 'calm' : 'bad'}`}>
        {ready ? 'ready' : `not ready: ${unready.join(', ')}`}
      </span>
    </li>
  );
}
