import { MessageRules, RULES_TEST_MAX, RulesTestResult } from '@ms1/contracts';
import { z } from 'zod';

import { type Endpoints, IdParams } from './endpoint.ts';
import { MailStatus } from './messages.ts';

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
    changes: z
      .array(z.object({ key: z.string(), to: z.enum(['taken', 'skipped']) }))
      .meta({ description: 'of its messages, those that became something else so far' }),
  })
  .meta({ id: 'RulesTest' });

/** What the messages of a test are, for those who may see it. */
const TestedMail = z
  .object({
    status: MailStatus,
    text: z.string().meta({ description: 'the status in words' }),
    mail: z.array(
      z.object({
        key: z.string(),
        subject: z.string().nullable(),
        from: z.object({ name: z.string().nullable(), address: z.string().nullable() }),
      }),
    ),
  })
  .meta({ id: 'TestedMail' });

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
  'POST /rules-tests/:id/mail': {
    tag,
    summary: 'Subject and sender of the messages of a test, read from their mailbox',
    description:
      'Shown to the role that OPS_CONSOLE_PII_ROLE names, by a console with a credential for Graph; who asked is in the operator log. A request for each 50 messages of a folder, as live mail has them; kept nowhere.',
    policy: 'reader',
    reads: true,
    params: IdParams,
    problems: [404],
    responses: { 200: TestedMail },
  },
} as const satisfies Endpoints;
