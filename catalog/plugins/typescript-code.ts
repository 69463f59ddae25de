/**
 * TypeScript code without what cannot change its meaning: comments, blank lines and white space at the ends of lines. Equal results mean
 * equal syntax trees. As with Python, what is not plainly understood is kept as it is: from where a slash may begin a regular expression
 * or divide, from a template that holds more than simple expressions, and from a string that does not end.
 */

const word = /[\p{ID_Continue}$]+/uy;
const plainString = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y;
/** Its expressions hold no strings, templates, braces, comments or regular expressions. */
const plainTemplate = /`(?:[^`\\$]|\\[^]|\$(?!\{)|\$\{[^{}'"`/]*\})*`/y;
const regularExpression = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;

/** After these words an expression may begin, and with it a regular expression. */
const expressionFollows = new Set(
  'return case typeof instanceof in of do else void delete throw new yield await default extends finally try'.split(' '),
);
/** After the brackets of these words a statement begins. */
const statementFollows = new Set(['if', 'while', 'for', 'with', 'await']);

/** What a slash means after the code so far. */
type Slash = 'divides' | 'begins a regular expression' | 'unknown';

class Lines {
  readonly #lines = [''];

  add(text: string): void {
    this.#lines.push(this.#lines.pop()! + text);
  }

  end(): void {
    this.#lines.push('');
  }

  /** @param rest of the text, as it is */
  finish(rest = ''): string {
    const last = rest === '' ? '' : this.#lines.pop()!;
    const done = this.#lines.map((line) => line.trimEnd()).filter((line) => line !== '');
    return `${done.map((line) => `${line}\n`).join('')}${last}${rest}`;
  }
}

/** Follows code token by token, as far as a slash needs it. */
class Reading {
  #slash: Slash = 'begins a regular expression';
  #word = '';
  /** Directly before what comes next. */
  #dots = 0;
  /** What a slash means after each open bracket is closed. */
  readonly #brackets: Slash[] = [];

  /** @param rest of the line from the slash on: without a second slash it cannot hold a regular expression */
  slash(rest: string): Slash {
    if (this.#slash === 'unknown' && !rest.includes('/', 1)) return 'divides';
    return this.#slash;
  }

  word(text: string): void {
    const isField = this.#dots === 1;
    this.#slash = expressionFollows.has(text) && !isField ? 'unknown' : 'divides';
    this.#word = text;
    this.#dots = 0;
  }

  literal(): void {
    this.#slash = 'divides';
    this.#word = '';
    this.#dots = 0;
  }

  /** A statement may end here. */
  lineBreak(): void {
    if (this.#slash === 'divides') this.#slash = 'unknown';
  }

  punctuation(character: string): void {
    if (character === '(') this.#brackets.push(statementFollows.has(this.#word) ? 'unknown' : 'divides');
    this.#slash = this.#after(character);
    this.#word = '';
    this.#dots = character === '.' ? this.#dots + 1 : 0;
  }

  #after(character: string): Slash {
    if (character === ')') return this.#brackets.pop() ?? 'unknown';
    // Behind a value it says that the value is there, as in `x!`, or begins `!=`.
    if (character === ']' || (character === '!' && this.#slash === 'divides')) return 'divides';
    return '(,=:[&|?;{'.includes(character) ? 'begins a regular expression' : 'unknown';
  }
}

/** @returns the match that begins at this place */
function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

const restOfLine = (text: string, at: number): string => {
  const end = text.indexOf('\n', at);
  return text.slice(at, end === -1 ? undefined : end);
};

/** A token that is kept as it is; undefined when it is not plain where it ends. */
function literalAt(text: string, at: number, reading: Reading): string | undefined {
  const character = text[at]!;
  if (character === '`') return matchAt(plainTemplate, text, at);
  if (character !== '/') return matchAt(plainString, text, at);
  const slash = reading.slash(restOfLine(text, at));
  if (slash === 'divides') return '/';
  return slash === 'unknown' ? undefined : matchAt(regularExpression, text, at);
}

/** Comments are gone; a line break within one stays, because it may end a statement. @returns behind the comment */
function skipComment(text: string, at: number, lines: Lines): number {
  if (text[at + 1] === '/') return at + restOfLine(text, at).length;
  const end = text.indexOf('*/', at + 2);
  const comment = text.slice(at, end === -1 ? undefined : end + 2);
  if (comment.includes('\n')) lines.end();
  else lines.add(' ');
  return at + comment.length;
}

/** @param text of a file in UTF-8 */
export function typescriptCode(text: string): string {
  if (/[\u2028\u2029]/.test(text)) return text;
  const source = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const lines = new Lines();
  const reading = new Reading();
  let at = 0;
  while (at < source.length) {
    const character = source[at]!;
    if (character === '\n') {
      reading.lineBreak();
      lines.end();
      at += 1;
    } else if (source.startsWith('//', at) || source.startsWith('/*', at)) {
      const behind = skipComment(source, at, lines);
      if (source.slice(at, behind).includes('\n')) reading.lineBreak();
      at = behind;
    } else if ('\'"`/'.includes(character)) {
      const literal = literalAt(source, at, reading);
      if (literal === undefined) return lines.finish(source.slice(at));
      if (literal === '/') reading.punctuation('/');
      else reading.literal();
      lines.add(literal);
      at += literal.length;
    } else {
      const found = matchAt(word, source, at) ?? character;
      if (found !== character || /[\p{ID_Continue}$]/u.test(found)) reading.word(found);
      else if (found.trim() !== '') reading.punctuation(found);
      lines.add(found);
      at += found.length;
    }
  }
  return lines.finish();
}
