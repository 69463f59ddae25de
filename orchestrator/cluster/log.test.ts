import { expect, it } from 'vitest';
import { logEvents, logLine } from './log.ts';

it('writes an object per line, whatever the facts hold', () => {
  const line = logLine(0, 'PassFailed', { sweep: 'lab/a', why: 'two\nlines and a "quote"' });
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    event: 'PassFailed',
    message: logEvents.PassFailed.message,
    sweep: 'lab/a',
    why: 'two\nlines and a "quote"',
  });
});
