import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

/** docs/graph-contract.md#throttling: per app and mailbox. */
const IN_FLIGHT_MAX = 4;
const IN_WINDOW_MAX = 10_000;

/** I9 */
export function graphUse({ usage, linesTouched, windows }: Evidence): Finding {
  const about = 'Graph is asked no more than it allows';
  const inFlight = Math.max(0, ...usage.map(({ inFlightMax }) => inFlightMax));
  const units = Math.max(0, ...usage.map(({ quotaUnits }) => quotaUnits));
  const minutes = ((windows.at(-1)?.to ?? 0) - (windows[0]?.from ?? 0)) / 60_000;
  const value = `at most ${inFlight} of ${IN_FLIGHT_MAX} in flight in a mailbox; ${units} requests of one in ${minutes.toFixed(1)} min`;
  // A request whose connection breaks is over for us and goes on at Graph, which cannot be known.
  if (linesTouched.has('graph') && inFlight > IN_FLIGHT_MAX) {
    return { id: 'I9', about, verdict: 'measured', value, worst: [] };
  }
  return judged(
    { id: 'I9', about, value },
    usage
      .filter((one) => one.inFlightMax > IN_FLIGHT_MAX || one.refused.requests > 0)
      .map(
        ({ mailboxId, inFlightMax, refused }) =>
          `${mailboxId}: ${inFlightMax} in flight, ${refused.requests} beyond ${IN_WINDOW_MAX} in 10 min`,
      ),
  );
}

/** I17, as far as one machine can tell: no mailbox is read that was not asked for. */
export function onlyOurMailboxes({ usage, mailboxes }: Evidence): Finding {
  const about = 'no mailbox but ours is read';
  if (usage.length === 0) return unchecked('I17', about, 'Graph was asked for nothing');
  const foreign = usage.filter(({ mailboxId }) => !mailboxes.includes(mailboxId));
  const value = `${usage.length} mailboxes read, ${foreign.length} of others; hosts: not checked, all is one host here`;
  return judged(
    { id: 'I17', about, value },
    foreign.map(({ mailboxId }) => mailboxId),
  );
}
