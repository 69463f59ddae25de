import { expect, it } from 'vitest';
import { cursorText, versionOf } from './cursor.ts';

it('gives back the version of its own origin', () => {
  expect(versionOf(cursorText('ab12', 7), 'ab12', 7)).toBe(7);
});

it.each([
  ['another start of the server', 'cd34.7'],
  ['a version that has not been', 'ab12.8'],
  ['nothing', undefined],
  ['no number', 'ab12.x'],
  ['a negative number', 'ab12.-1'],
  ['more than a number', 'ab12.7\nevent: x'],
])('knows nothing after %s', (_, text) => {
  expect(versionOf(text, 'ab12', 7)).toBeUndefined();
});
