/** What identities of plug-ins rest on: our reading of Python code beside Python's own. */
import { execFileSync } from 'node:child_process';
import { pythonCode } from '@ncsweep/catalog/plugins/python-code';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** What Python itself makes of several texts: their syntax trees without places; null for what is no Python. */
function syntaxTrees(texts: readonly string[]): (string | null)[] {
  const program = `
import ast, json, sys
def tree(text):
    try: return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError): return None
print(json.dumps([tree(text) for text in json.load(sys.stdin)]))`;
  const out = execFileSync('python3', ['-W', 'ignore', '-c', program], { input: JSON.stringify(texts), maxBuffer: 1 << 28 });
  return JSON.parse(out.toString()) as (string | null)[];
}

describe('Python code without comments', () => {
  it('has the syntax tree of the whole, for any mixture of what is hard to read', () => {
    const piece = fc.constantFrom(
      ...['x', ' ', '\n', '    ', '#', "'", '"', '"""', "'''", '\\', '\\\n', '{', '}', 'f', 'r', 'f"', "rb'", 'a = 1', '(', ')'],
      ...['if x:\n', 'pass', '# c\n', 'f"{x}"', 'f\'{d["#"]}\'', '"#"', '=', '\t', '\r\n'],
    );
    const texts = fc.sample(
      fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join('')),
      {
        numRuns: 4000,
        seed: 7,
      },
    );
    const whole = syntaxTrees(texts);
    const codes = syntaxTrees(texts.map(pythonCode));
    expect(whole.filter((tree) => tree !== null).length).toBeGreaterThan(100);
    texts.forEach((text, i) => {
      if (whole[i] !== null) expect(codes[i], JSON.stringify(text)).toBe(whole[i]);
    });
  });
});
