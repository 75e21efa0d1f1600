import { systemClock } from '@ms1/runtime';

import type { JudgeSenders } from '../notifications/judge-senders.ts';
import { createJudgeTokens } from './judge-tokens.ts';
import {
  createOpenNotifications,
  type OpenNotifications,
  type OpenOptions,
} from './open-notifications.ts';
import { forDecryption } from './private-keys.ts';
import { createSigningKeys } from './signing-keys.ts';

export interface OpenWithOptions {
  privateKeys: Parameters<typeof forDecryption>[0];
  /** our app id, which the tokens must be meant for */
  appId: string;
  /** URL of the token issuer */
  authority: string;
  onOpened: OpenOptions['onOpened'];
}

/** Makes what opens rich notifications, with the keys of their certificates and of those who sign their tokens. */
export async function openWith(
  options: OpenWithOptions,
): Promise<(judge: JudgeSenders) => OpenNotifications> {
  const { appId, onOpened } = options;
  const authority = new URL(options.authority).origin;
  const keys = await forDecryption(options.privateKeys);
  return (judge) =>
    createOpenNotifications({
      judge,
      judgeTokens: createJudgeTokens({
        keys: createSigningKeys({ authority, clock: systemClock }),
        appId,
        authority,
        clock: systemClock,
      }),
      keys,
      onOpened,
    });
}
