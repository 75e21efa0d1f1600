import { expect, test } from '@jest/globals';

import { FIRST, LAST } from './causes/index.ts';
import { parseOptions } from './options.ts';

const causes = [...FIRST, ...LAST];

test('each cause can be tried alone', () => {
  for (const { name } of causes) {
    expect(parseOptions(['--only', name], causes).only).toEqual([name]);
  }
  expect(parseOptions([], causes).only).toBeUndefined();
});

test.each([
  [['--only', 'paused,nothing'], /no cause nothing: .*paused/s],
  [['--picture'], /'--picture'.*--pictures +draws/s],
  [['paused'], /'paused'.*--only/s],
])('%j is refused in a sentence that names it and what there is', (args, problem) => {
  expect(() => parseOptions(args, causes)).toThrow(problem);
});
