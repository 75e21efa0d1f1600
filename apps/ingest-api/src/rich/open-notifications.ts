import type { MessageMetadata } from '@ms1/contracts';
import { toCompleteMetadata } from '@ms1/graph-client';
import pTimeout from 'p-timeout';

import type { JudgeSenders } from '../notifications/judge-senders.ts';
import type {
  EncryptedContent,
  Notification,
  Notifications,
} from '../notifications/read-notifications.ts';
import { decryptContent } from './decrypt-content.ts';
import type { JudgeTokens } from './judge-tokens.ts';
import type { PrivateKeys } from './private-keys.ts';

/** What became of the contents of rich notifications, for the metrics. */
export type Opening = 'opened' | 'incomplete' | 'unreadable' | 'unproven' | 'refused' | 'late';

/**
 * What the contents of a POST say: the metadata of messages by their item, and the items that tokens
 * prove not to be Graph's. An item that is in neither is taken for what a basic notification says.
 */
export interface Opened {
  metadata: ReadonlyMap<Notification, MessageMetadata>;
  refused: ReadonlySet<Notification>;
}

export type OpenNotifications = (notifications: Notifications) => Promise<Opened>;

export interface OpenOptions {
  judge: JudgeSenders;
  judgeTokens: JudgeTokens;
  keys: PrivateKeys;
  onOpened: (outcome: Opening) => void;
}

/**
 * ms; of the 2 s behind an answer. 100 contents take about 50 ms on four threads, and fetching keys, at
 * most every five minutes, takes what it takes: whatever is not open by then is fetched by the processor.
 */
const OPEN_MS_MAX = 700;
/** Contents of one POST that are opened; 256 KB hold about as many. */
const CONTENTS_MAX = 100;

export const NOTHING_OPENED: Opened = { metadata: new Map(), refused: new Set() };

/**
 * Opens what is encrypted in a POST, of senders that know the secret only: anybody else is to cost no
 * cryptography and no request for keys. It never decides about the answer. Whoever it fails for is
 * noticed without metadata, because the notice is what must be durable and the content is a saving.
 */
export function createOpenNotifications(options: OpenOptions): OpenNotifications {
  const { judge, judgeTokens, keys, onOpened } = options;

  const open = async (notifications: Notifications, into: Contents): Promise<void> => {
    const rich = notifications.items.filter(isRich).slice(0, CONTENTS_MAX);
    const judged = await judge(rich);
    const known = rich.flatMap((item, index) => {
      const judgement = judged[index];
      return judgement && 'known' in judgement
        ? [{ item, tenantId: judgement.known.tenantId }]
        : [];
    });
    if (known.length === 0) return;
    const verdict = await judgeTokens(notifications.validationTokens);
    await Promise.all(
      known.map(async ({ item, tenantId }) => {
        if (verdict === 'undecided') return onOpened('unproven');
        if (verdict === 'refused' || !verdict.tenants.has(tenantId.toLowerCase())) {
          into.refused.add(item);
          return onOpened('refused');
        }
        onOpened(await openOne(item, keys, into));
      }),
    );
  };

  return async (notifications) => {
    if (!notifications.items.some(isRich)) return NOTHING_OPENED;
    const into: Contents = { metadata: new Map(), refused: new Set() };
    // Whatever is done by then counts.
    await pTimeout(open(notifications, into), { milliseconds: OPEN_MS_MAX }).catch(() =>
      onOpened('late'),
    );
    return { metadata: new Map(into.metadata), refused: new Set(into.refused) };
  };
}

interface Contents {
  metadata: Map<Notification, MessageMetadata>;
  refused: Set<Notification>;
}

type Rich = Notification & { messageId: string; encrypted: EncryptedContent };

function isRich(item: Notification): item is Rich {
  return item.encrypted !== null && item.messageId !== null;
}

async function openOne(item: Rich, keys: PrivateKeys, into: Contents): Promise<Opening> {
  let plain: unknown;
  try {
    plain = await decryptContent(item.encrypted, keys);
  } catch {
    return 'unreadable';
  }
  const metadata = toCompleteMetadata(plain, item.messageId);
  if (metadata === null) return 'incomplete';
  into.metadata.set(item, metadata);
  return 'opened';
}
