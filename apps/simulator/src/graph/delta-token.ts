import { createHash } from 'node:crypto';

/**
 * Where a walk of a folder stands, and with what it was begun (parameters are given once:
 * docs/graph-contract.md#delta-tokens).
 */
export interface DeltaState {
  /** names the walks that descend from one first call */
  readonly lineage: string;
  /** counts the delta links of a lineage */
  readonly generation: number;
  /** position in the folder's log */
  readonly position: number;
  /** true until the first delta link: what is gone is not reported then */
  readonly initial: boolean;
  readonly select: string | null;
  /** ms; from `$filter=receivedDateTime ge` */
  readonly since: number | null;
  /** with attachments */
  readonly expand: boolean;
}

const SIGNATURE_CHARS = 10;

/** Writes a state as an opaque token, sealed for one folder so that a token of another is unknown. */
export function sealToken(state: DeltaState, folderId: string): string {
  const { lineage, generation, position, initial, select, since, expand } = state;
  const text = JSON.stringify([lineage, generation, position, initial, select, since, expand]);
  const payload = Buffer.from(text, 'utf8').toString('base64url');
  return `${signature(payload, folderId)}${payload}`;
}

/** undefined for a token that this folder never gave */
export function openToken(token: string, folderId: string): DeltaState | undefined {
  const payload = token.slice(SIGNATURE_CHARS);
  if (token.slice(0, SIGNATURE_CHARS) !== signature(payload, folderId)) return undefined;
  const [lineage, generation, position, initial, select, since, expand] = JSON.parse(
    Buffer.from(payload, 'base64url').toString('utf8'),
  ) as [string, number, number, boolean, string | null, number | null, boolean];
  return { lineage, generation, position, initial, select, since, expand };
}

function signature(payload: string, folderId: string): string {
  const hash = createHash('sha256').update(`${folderId}:${payload}`).digest('base64url');
  return hash.slice(0, SIGNATURE_CHARS);
}
