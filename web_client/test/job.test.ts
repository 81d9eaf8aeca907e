import { expect, test } from 'vitest';

import { type Job, lastWords, percent, reason, Status } from '../src/job';

function job(values: Partial<Job>): Job {
  return { _id: 'a', status: Status.RUNNING, ...values };
}

test('percent is rounded', () => {
  expect(percent(job({ progress: { total: 3, current: 1, message: null } }))).toBe(33);
});

test('percent is unknown without a total', () => {
  expect(percent(job({ progress: { total: 0, current: 0, message: null } }))).toBeNull();
  expect(percent(job({}))).toBeNull();
});

test('percent stays within 0 and 100', () => {
  expect(percent(job({ progress: { total: 2, current: 5, message: null } }))).toBe(100);
});

test('the last words are the end of the log, else the message', () => {
  const progress = { total: 1, current: 0, message: 'Writing' };
  expect(lastWords(job({ progress }))).toBe('Writing');
  expect(lastWords(job({ progress, log: ['first\nsec', 'ond\n'] }))).toBe('second');
});

test('the reason of a failure is the sentence of the exception, without its traceback', () => {
  const log = ['Reading a.tif\n', 'TileSourceError: The file is cut off.\n  File "a.py", line 3\n    raise\n'];
  expect(reason(job({ status: Status.ERROR, log }))).toBe(
    'This image could not be converted: The file is cut off.',
  );
});

test('a failure without a log says so', () => {
  expect(reason(job({ status: Status.ERROR }))).toContain('does not say why');
});

test('a cancellation is not called a failure', () => {
  expect(reason(job({ status: Status.CANCELED, log: ['Step 3'] }))).toBe('The conversion was canceled.');
});
