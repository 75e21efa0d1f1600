import { expect, test } from '@jest/globals';

import {
  GraphForbiddenError,
  GraphForeignLinkError,
  GraphProtocolError,
  GraphRequestError,
  GraphThrottledError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import { mayBeOneMessage, PageSizes } from './page-sizes.ts';

const facts = { status: 500 };

test.each([
  [new GraphTransientError('failed', facts), true],
  [new GraphTransientError('did not answer', { status: null }), true],
  [new GraphTimeoutError('took too long', facts), true],
  [new GraphProtocolError('sent half a page', facts), true],
  [new GraphRequestError('refuses the page', { status: 400 }), true],
  [new GraphForeignLinkError('leads elsewhere', facts), false],
  [new GraphUnavailableError('moves', facts), false],
  [new GraphThrottledError('throttles', facts), false],
  [new GraphForbiddenError('forbids', facts), false],
  [new Error('of our own'), false],
])('%s may be one message: %s', (error, expected) => {
  expect(mayBeOneMessage(error)).toBe(expected);
});

test('halves a page that takes too long, goes down to one at once for anything else, and grows again', () => {
  const sizes = new PageSizes();
  const slow = new GraphTimeoutError('took too long', facts);
  const asked = [];
  do asked.push(sizes.of('f', 200));
  while (sizes.reduce('f', sizes.of('f', 200), slow));
  expect(asked).toEqual([200, 100, 50, 25, 1]);
  expect(sizes.of('another', 200)).toBe(200);

  const grown = [];
  for (let size = 1; size < 200; size = sizes.of('f', 200)) {
    grown.push(size);
    sizes.didWell('f', size, 200);
  }
  expect(grown).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);

  expect(sizes.reduce('f', 200, new GraphTransientError('failed', facts))).toBe(true);
  expect(sizes.of('f', 200)).toBe(1);
  expect(sizes.of('f', 1)).toBe(1);
  expect(sizes.reduce('g', 200, new GraphThrottledError('throttles', facts))).toBe(false);
  expect(sizes.of('g', 200)).toBe(200);
});
