import { describe, expect, it } from 'vitest';
import { pythonCode } from './python-code.ts';

describe('Python code without comments', () => {
  it.each([
    ['a comment behind code', 'x = 1  # one\n', 'x = 1'],
    ['a comment of its own, in a block', 'if x:\n    # why\n    y = 2\n', 'if x:\n    y = 2'],
    ['blank lines and a byte-order mark', '\uFEFFx = 1\r\n\r\n   \r\ny = 2', 'x = 1\ny = 2'],
    ['a hash in strings', `a = '#' + "#" # c\nb = '''\n# no comment\n'''#c`, `a = '#' + "#"\nb = '''\n# no comment\n'''`],
    ['escaped quotes', String.raw`a = 'it\'s # here' # c`, String.raw`a = 'it\'s # here'`],
    ['a raw string', String.raw`a = r'\' # in' # c`, String.raw`a = r'\' # in'`],
    ['a plain formatted string', `a = f"{x:{w}} {{# {d['k']}" # c`, `a = f"{x:{w}} {{# {d['k']}"`],
    ['a declared encoding', '# -*- coding: utf-8 -*-\n# c\nx = 1', '# -*- coding: utf-8 -*-\nx = 1'],
    ['a blank line behind a backslash', 'a = b \\\n\n-c', 'a = b \\\n\n-c'],
  ])('loses nothing but them: %s', (_, text, code) => {
    expect(pythonCode(text)).toBe(`${code}\n`);
  });

  it.each([
    ['a comment or a string in a formatted string', `a = f"{d["#a"]}"`, `a = f"{d["#b"]}"`],
    ['the same behind a brace in a string', `a = f"{d['}'] + "#a"}"`, `a = f"{d['}'] + "#b"}"`],
    ['a blank line that ends a statement', 'a = b \\\n\n-c', 'a = b \\\n-c'],
    ['indentation', 'if x:\n  a\nb', 'if x:\n  a\n  b'],
  ])('differs where the meaning does: %s', (_, a, b) => {
    expect(pythonCode(a)).not.toBe(pythonCode(b));
  });
});
