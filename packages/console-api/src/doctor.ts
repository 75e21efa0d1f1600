import { z } from 'zod';

import type { Endpoints } from './endpoint.ts';

const Check = z
  .object({
    name: z.string(),
    about: z.string().meta({ description: 'what it proves' }),
    status: z.enum(['ok', 'warn', 'fail', 'skipped']),
    seen: z.string(),
    remedy: z.string().nullable().meta({ description: 'null: nothing is to be done' }),
    details: z.array(z.string()),
    ms: z.int(),
  })
  .meta({ id: 'Check' });

const Examination = z
  .object({
    at: z.string().meta({ description: 'when it was begun' }),
    status: z.enum(['ok', 'warn', 'fail']),
    checks: z.array(Check),
    elsewhere: z
      .array(z.object({ name: z.string(), about: z.string(), why: z.string() }))
      .meta({ description: 'checks that a console cannot make: `ms1 doctor` makes them' }),
  })
  .meta({ id: 'Examination' });

export const doctor = {
  'GET /doctor': {
    tag: 'status',
    summary: 'What is wrong with the installation, as far as a console can tell, and what to do',
    description:
      'Runs the checks of `ms1 doctor` that need nothing but what a console has. Whoever asks while they run, or within 30 s of their end, gets the same answer. It may take a minute.',
    policy: 'reader',
    responses: { 200: Examination },
  },
} as const satisfies Endpoints;
