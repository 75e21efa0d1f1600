import { MessageRules, RULES_TEST_MAX, RulesTestResult } from '@ms1/contracts';
import { z } from 'zod';

import { type Endpoints, IdParams } from './endpoint.ts';

/** What somebody asked of the rules of a mailbox, and what came of it. */
const RulesTest = z
  .object({
    id: z.string(),
    mailboxId: z.string(),
    createdAt: z.string(),
    last: z.int(),
    proposed: z.boolean().meta({ description: 'of rules that came with it, not of those it has' }),
    status: z.enum(['waiting', 'done', 'failed']).meta({
      description: 'waiting: until a processor has answered; for ever where none runs',
    }),
    failed: z.string().nullable().meta({ description: 'a code, such as graph_mailbox' }),
    result: RulesTestResult.meta({ id: 'RulesTestResult' }).nullable(),
  })
  .meta({ id: 'RulesTest' });

const AskRulesTest = z
  .strictObject({
    last: z
      .int()
      .min(1)
      .max(RULES_TEST_MAX)
      .default(50)
      .meta({ description: 'messages of the folders that are read, the latest first' }),
    rules: MessageRules.optional().meta({ description: 'not told: those that it has' }),
  })
  .meta({ id: 'AskRulesTest' });

const tag = 'mailboxes';

export const rulesTests = {
  'POST /mailboxes/:id/rules-tests': {
    tag,
    summary: 'Says of its latest mail what each rule would do; changes nothing',
    description:
      'A processor reads the messages from the mailbox, a request each at most. Kept for an hour.',
    policy: 'operator',
    params: z.strictObject({ id: z.guid().toLowerCase() }),
    body: AskRulesTest,
    problems: [404],
    responses: { 202: RulesTest },
  },
  'GET /rules-tests/:id': {
    tag,
    summary: 'One test of rules, with what was found',
    policy: 'reader',
    params: IdParams,
    problems: [404],
    responses: { 200: RulesTest },
  },
} as const satisfies Endpoints;
