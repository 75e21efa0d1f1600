import { describe, expect, test } from '@jest/globals';

import { FleetError } from './fleet-error.ts';
import { parseOptions } from './parse-options.ts';

describe('parseOptions', () => {
  test('without options runs the session of the README', () => {
    expect(parseOptions([])).toMatchObject({
      messages: 10_000,
      mailboxes: 20,
      seed: 1,
      exit: false,
      fresh: false,
      report: undefined,
      workers: { poller: 1, processor: 1, 'ms4-sender': 1 },
      sessionOptions: [],
    });
  });

  test('reads every option', () => {
    const options = parseOptions(
      '--messages 5 --mailboxes=2 --seed 9 --exit --fresh --report r.json --workers processor=2,ms4-sender=3'.split(
        ' ',
      ),
    );
    expect(options).toMatchObject({
      messages: 5,
      mailboxes: 2,
      seed: 9,
      exit: true,
      fresh: true,
      report: 'r.json',
      workers: { processor: 2, 'ms4-sender': 3, poller: 1 },
    });
    expect(options.sessionOptions).toEqual(['messages', 'mailboxes', 'seed', 'exit', 'report']);
  });

  test.each([
    ['--mesages 5', /--mesages/],
    ['extra', /extra/],
    ['--messages', /--messages/],
    ['--messages ten', /--messages must be a whole number from 1 to 1000000, not "ten"/],
    ['--messages 0', /--messages/],
    ['--messages 1e3', /--messages/],
    ['--mailboxes 1001', /--mailboxes/],
    ['--seed -1', /--seed/],
    ['--exit=yes', /--exit/],
    ['--report=', /--report must name a file/],
    ['--workers processor', /--workers must be a list/],
    ['--workers processor=0', /--workers processor must be/],
    ['--workers ops-console=2', /--workers must be a list/],
  ])('refuses "%s" with one sentence that names it', (line, sentence) => {
    const parse = () => parseOptions(line.split(' '));
    expect(parse).toThrow(FleetError);
    expect(parse).toThrow(sentence);
    expect(parse).toThrow(/^[^\n]*$/);
  });
});
