import { consoleNow } from './state/overview.ts';
import { ago, clockTime } from './words.ts';

/** How long ago something was; when exactly is in its title. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={clockTime(at)}>
      {ago(at, consoleNow.value)}
    </time>
  );
}

/** When something was. */
export function At({ at }: { at: string }) {
  return <time dateTime={at}>{clockTime(at)}</time>;
}
