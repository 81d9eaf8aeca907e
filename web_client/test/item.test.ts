import { expect, test } from 'vitest';

import { whatToShow } from '../src/item';

test('a ready image is viewed', () => {
  const largeImage = { fileId: 'f', sourceName: 'tiff' };
  expect(whatToShow({ _id: 'i', largeImage }, false, true)).toEqual({ kind: 'viewer', image: largeImage });
});

test('an expected image is being converted', () => {
  const largeImage = { expected: true, jobId: 'j', originalId: 'f' };
  expect(whatToShow({ _id: 'i', largeImage }, false, true)).toEqual({ kind: 'converting', jobId: 'j' });
});

test('only who may write to an item with files is offered to make it viewable', () => {
  expect(whatToShow({ _id: 'i' }, true, true).kind).toBe('offer');
  expect(whatToShow({ _id: 'i' }, false, true).kind).toBe('nothing');
  expect(whatToShow({ _id: 'i' }, true, false).kind).toBe('nothing');
});
