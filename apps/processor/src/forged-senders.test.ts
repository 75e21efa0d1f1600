import { describe, expect, test } from '@jest/globals';
import { isWhole, judgeHeaders, toMetadata } from '@ms1/graph-client';
import {
  ALLOWED_SENDERS,
  aGraphMessage,
  FORGED_SENDERS,
  GENUINE_SENDERS,
  type SenderShape,
} from '@ms1/testkit';

import { declinesMetadata, declinesUnauthenticated } from './declines.ts';
import { foldRules } from './fold-rules.ts';
import { withFacts } from './reading/mail.ts';

const recipient = (emailAddress: SenderShape['from'] | undefined) =>
  emailAddress ? { emailAddress } : null;

/** Why an allow list declines a mail, as it is read. */
function declined(shape: SenderShape, unauthenticated?: 'accept') {
  const { from, sender, replyTo = [], headers = [], authenticationResults } = shape;
  const own = authenticationResults === null ? [] : [authenticationResults];
  const message = {
    ...aGraphMessage({ id: 'm' }),
    from: recipient(from),
    sender: recipient(sender ?? from),
    replyTo: replyTo.map((emailAddress) => ({ emailAddress })),
    internetMessageHeaders: [
      ...own.map((value) => ({ name: 'Authentication-Results', value })),
      { name: 'Received', value: 'from mx by AM7.mail.protection.outlook.com with SMTP; today' },
      ...headers,
    ],
  };
  expect(isWhole(message)).toBe(true);
  const metadata = withFacts(toMetadata(message), judgeHeaders(message, ['none']));
  const rules = foldRules({ senders: { allow: [...ALLOWED_SENDERS], unauthenticated } });
  return declinesMetadata(rules, metadata) ?? declinesUnauthenticated(rules, metadata);
}

describe('an allow list', () => {
  test('is tried by more than twenty forged shapes', () => {
    expect(new Set(FORGED_SENDERS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20);
  });

  test.each(FORGED_SENDERS)('does not take forged mail: $name', (shape) => {
    expect(declined(shape)).toMatch(/^rule_sender(_unauthenticated)?$/);
  });

  test.each(GENUINE_SENDERS)('takes mail that is from whom it says: $name', (shape) => {
    expect(declined(shape)).toBeNull();
  });

  test('without authentication takes what only says so: the control of those above', () => {
    const taken = FORGED_SENDERS.filter((shape) => declined(shape, 'accept') === null);
    expect(taken.length).toBeGreaterThanOrEqual(15);
  });
});
