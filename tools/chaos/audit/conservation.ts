import type { Evidence } from './evidence.ts';
import { type Finding, judged } from './finding.ts';
import type { Effect, Mail } from './witnesses.ts';

/** What is wrong with one message. */
export interface Wrong {
  readonly kind: 'lost' | 'doubled' | 'unexplained' | 'stuck';
  readonly key: string;
  /** ms since the epoch, when it came, or when it was stored once too often */
  readonly at: number;
  readonly why: string;
}

/** Every message that came is in MS4 once, or ended otherwise with a reason that a fault of this run gives. */
export function wrongs(evidence: Evidence): Wrong[] {
  const byKey = Map.groupBy(evidence.effects, ({ key }) => key);
  return evidence.mail.flatMap((mail) => {
    const effects = byKey.get(mail.key) ?? [];
    if (effects.length > 1) return [doubled(mail, effects)];
    return effects.length === 1 ? [] : notStored(mail, evidence);
  });
}

function doubled({ key }: Mail, effects: readonly Effect[]): Wrong {
  const again = effects[1];
  const batches = effects.map(({ batchId }) => batchId).join(' and ');
  const why = `${effects.length} records, of batches ${batches}`;
  return { kind: 'doubled', key, at: again?.at ?? 0, why };
}

function notStored({ key, at }: Mail, { fates, places, deleted, excused }: Evidence): Wrong[] {
  const fate = fates.get(key);
  const place = places.get(key);
  if (fate?.state === 'dead' || fate?.state === 'skipped') {
    const ending = `${fate.state}:${fate.reason || 'no reason'}`;
    const isGone = deleted.has(key) && ending === 'skipped:source_deleted';
    return isGone || excused.has(ending) ? [] : [{ kind: 'unexplained', key, at, why: ending }];
  }
  // Deleted before anybody read it: there is nothing to know of it.
  if (deleted.has(key) && !place) return [];
  if (fate?.state === 'delivered') {
    return [{ kind: 'lost', key, at, why: 'the ledger says delivered, MS4 does not have it' }];
  }
  if (!fate && !place) return [{ kind: 'lost', key, at, why: 'nobody knows of it' }];
  const where = place ? `${place.queue} ${place.list}` : 'on no queue';
  return [{ kind: 'stuck', key, at, why: `${fate?.state ?? 'not in the ledger'}, ${where}` }];
}

const witness = ({ key, kind, why }: Wrong): string => `${key} ${kind}: ${why}`;

/** I1 */
export function conservation(evidence: Evidence): Finding {
  const { planned, mail, effects, deleted } = evidence;
  const came = mail.filter((one) => one.planned).length;
  const wrong = wrongs(evidence);
  const count = (kind: Wrong['kind']): number => wrong.filter((one) => one.kind === kind).length;
  const stored = new Set(effects.map(({ key }) => key)).size;
  const absent = planned > came ? [`${planned - came} of the plan never came`] : [];
  const value = [
    `${mail.length} in mailboxes, ${stored} in MS4`,
    `${mail.length - stored} otherwise (${deleted.size} deleted at the source)`,
    `lost ${count('lost')}, unexplained ${count('unexplained')}, stuck ${count('stuck')}`,
  ].join('; ');
  const against = wrong.filter(({ kind }) => kind !== 'doubled').map(witness);
  const about = 'what came is in MS4, or ended with a reason';
  return judged({ id: 'I1', about, value }, [...absent, ...against]);
}

/** I2 */
export function oneEffect(evidence: Evidence): Finding {
  const twice = wrongs(evidence).filter(({ kind }) => kind === 'doubled');
  const value = `${evidence.effects.length} effects, ${twice.length} messages with more than one`;
  return judged({ id: 'I2', about: 'one effect a message', value }, twice.map(witness));
}
