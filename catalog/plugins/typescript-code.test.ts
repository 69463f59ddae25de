import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { typescriptCode } from './typescript-code.ts';

/** TypeScript's own syntax tree without places; undefined for what is no TypeScript. */
function syntaxTree(text: string): string | undefined {
  const file = ts.createSourceFile('a.ts', text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.TS);
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly unknown[] };
  if (parseDiagnostics.length > 0) return undefined;
  const tree = (node: ts.Node): unknown => {
    const children: unknown[] = [];
    ts.forEachChild(node, (child) => void children.push(tree(child)));
    const { text: own = '', rawText = '', escapedText = '' } = node as { text?: string; rawText?: string; escapedText?: string };
    return [node.kind, node.kind === ts.SyntaxKind.SourceFile ? '' : own, rawText, escapedText, children];
  };
  return JSON.stringify(tree(file));
}

describe('TypeScript code without comments', () => {
  it.each([
    ['a comment behind code', 'const x = 1; // one\n', 'const x = 1;'],
    ['a comment of its own', 'f();\n// why\n/** and\n * more */\ng();', 'f();\ng();'],
    ['blank lines and a byte-order mark', '\uFEFFf();\r\n\r\n   \r\ng();  ', 'f();\ng();'],
    [
      'what looks like comments in strings',
      `a('//'); b("/*"); c(\`// \${x} /*\`); // d`,
      `a('//'); b("/*"); c(\`// \${x} /*\`);`,
    ],
    ['escaped quotes', String.raw`a('it\'s // here'); // b`, String.raw`a('it\'s // here');`],
    [
      'divisions',
      'const y = (a + b) / c / d; // half\nconst z = x[0]! / 2; // c',
      'const y = (a + b) / c / d;\nconst z = x[0]! / 2;',
    ],
    ['a regular expression behind a bracket', String.raw`x.split(/["'\/]/); // c`, String.raw`x.split(/["'\/]/);`],
  ])('loses nothing but them: %s', (_, text, code) => {
    expect(typescriptCode(text)).toBe(`${code}\n`);
  });

  it.each([
    ['a line break in a comment that ends a statement', 'return /*\n*/ x', 'return /* */ x'],
    ['a blank line in a template', 'f(`a\n\nb`)', 'f(`a\nb`)'],
    ['a comment in a template', 'f(`a // b`)', 'f(`a // c`)'],
    ['what follows an uncertain slash', 'if (a) /"/.test(b); f("// x");', 'if (a) /"/.test(b); f("// y");'],
  ])('differs where the meaning does: %s', (_, a, b) => {
    expect(typescriptCode(a)).not.toBe(typescriptCode(b));
  });

  it('has the syntax tree of the whole, for any mixture of what is hard to read', () => {
    const piece = fc.constantFrom(
      ...[
        'x',
        ' ',
        '\n',
        '  ',
        '/',
        '//',
        '/*',
        '*/',
        "'",
        '"',
        '`',
        '\\',
        '${',
        '{',
        '}',
        '(',
        ')',
        '[',
        ']',
        '=>',
        '=',
        '.',
        ';',
      ],
      ...[
        'if (x) ',
        'return ',
        'a = 1',
        '1',
        ' of ',
        '!',
        '++',
        '// c\n',
        '/* c */',
        '/* c\n */',
        '/x/g',
        '/[/]/',
        "'//'",
        '`/*`',
        ', ',
      ],
      ...['`${x}`', '`${"`"}`', 'type A = B[]\n', 'typeof ', 'x as y', '<T>', '\t', '\r\n', 'f(', '/"/', "/'/"],
    );
    const texts = fc.sample(
      fc.array(piece, { minLength: 1, maxLength: 10 }).map((pieces) => pieces.join('')),
      { numRuns: 6000, seed: 7 },
    );
    const valid = texts.filter((text) => syntaxTree(text) !== undefined);
    expect(valid.length).toBeGreaterThan(300);
    expect(valid.filter((text) => typescriptCode(text).length < text.length).length).toBeGreaterThan(100);
    for (const text of valid) expect(syntaxTree(typescriptCode(text)), JSON.stringify(text)).toBe(syntaxTree(text));
  });
});
