import type { ChaosRow } from '../chaos-row.ts';
import type { OpenFleet } from '../fleet/open-fleet.ts';
import type { Told } from '../run/session.ts';
import { conservation, oneEffect, type Wrong, wrongs } from './conservation.ts';
import type { Evidence, RowWindow } from './evidence.ts';
import type { Finding } from './finding.ts';
import { noPhantom } from './phantoms.ts';
import { fatesOf, placesOf } from './raw-redis.ts';
import type { Witnesses } from './witnesses.ts';

export interface AuditContext {
  readonly fleet: OpenFleet;
  readonly witnesses: Witnesses;
  readonly windows: readonly RowWindow[];
  readonly rows: readonly ChaosRow[];
  readonly planned: number;
  readonly told: Told;
}

export interface SeedAudit {
  readonly findings: readonly Finding[];
  readonly wrongs: readonly Wrong[];
  readonly evidence: Evidence;
}

/** Gathers what is outside the fleet's code and judges it. */
export async function auditSeed(context: AuditContext): Promise<SeedAudit> {
  const evidence = await gather(context);
  const findings = [conservation(evidence), oneEffect(evidence), noPhantom(evidence)];
  return { findings, wrongs: wrongs(evidence), evidence };
}

async function gather({
  fleet,
  witnesses,
  windows,
  rows,
  planned,
}: AuditContext): Promise<Evidence> {
  witnesses.refresh();
  const { admin } = fleet.redis;
  const missing = witnesses.missing().map(({ key }) => key);
  return {
    planned,
    mail: [...witnesses.mail.values()],
    effects: witnesses.effects,
    deleted: witnesses.deleted,
    fates: await fatesOf(admin, missing),
    places: await placesOf(admin),
    windows,
    excused: excusesOf(rows),
  };
}

function excusesOf(rows: readonly ChaosRow[]): Set<string> {
  return new Set(
    rows.flatMap(({ expects }) => [
      ...(expects?.dead ?? []).map((reason) => `dead:${reason}`),
      ...(expects?.skipped ?? []).map((reason) => `skipped:${reason}`),
    ]),
  );
}
