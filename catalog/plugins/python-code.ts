/**
 * Python code without what cannot change its meaning: comments, blank lines and white space at the ends of lines. Equal results mean equal
 * syntax trees, apart from line numbers. Where the text is not plainly understood it is kept as it is, because a difference too many costs
 * time and one too few would serve a stale number.
 */

/** PEP 263: a comment that says how the file is encoded, in the first two lines. */
const encodingComment = /^[ \t\f]*#.*?coding[:=]/;

const isWordCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\w\u0080-\uffff]/.test(character);

/**
 * Since Python 3.12, a replacement field may hold strings with the quotes of the one around it, and comments. Those are not understood here.
 * @param at behind the opening brace
 * @returns behind the closing brace; undefined when it is not plain where the field ends
 */
function endOfField(text: string, at: number, quote: string): number | undefined {
  const plainString = quote === '"' ? /'[^{}"'#\\\n]*'/y : /"[^{}"'#\\\n]*"/y;
  let depth = 1;
  for (let i = at; i < text.length; i += 1) {
    const character = text[i]!;
    if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    else if (character === '"' || character === "'") {
      plainString.lastIndex = i;
      const inner = plainString.exec(text);
      if (inner === null) return undefined;
      i += inner[0].length - 1;
    } else if ('#\\\n'.includes(character)) return undefined;
    if (depth === 0) return i + 1;
  }
  return undefined;
}

/**
 * @param at of the opening quote
 * @returns behind the closing quote; undefined when it is not plain where the string ends
 */
function endOfString(text: string, at: number, isFormatted: boolean): number | undefined {
  const quote = text[at]!;
  const isTriple = text.startsWith(quote.repeat(3), at);
  const closing = isTriple ? quote.repeat(3) : quote;
  let i = at + closing.length;
  while (i < text.length) {
    if (text.startsWith(closing, i)) return i + closing.length;
    if (text[i] === '\n' && !isTriple) return undefined;
    if (text[i] === '\\' || (isFormatted && text.startsWith('{{', i))) i += 2;
    else if (isFormatted && text[i] === '{') {
      const end = endOfField(text, i + 1, quote);
      if (end === undefined) return undefined;
      i = end;
    } else i += 1;
  }
  return undefined;
}

/** Letters directly before a quote that belong to the string. */
function prefixBefore(text: string, at: number): string {
  let start = at;
  while (start > 0 && at - start < 3 && /[a-zA-Z]/.test(text[start - 1]!)) start -= 1;
  return isWordCharacter(text[start - 1]) ? '' : text.slice(start, at).toLowerCase();
}

interface Line {
  text: string;
  /** The line before ends in a backslash: what looks like a blank line then means something. */
  readonly isContinued: boolean;
}

/** @param text of a file in UTF-8 */
export function pythonCode(text: string): string {
  const source = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const lines: Line[] = [{ text: '', isContinued: false }];
  let at = 0;
  while (at < source.length) {
    const character = source[at]!;
    const line = lines.at(-1)!;
    if (character === '\n') {
      lines.push({ text: '', isContinued: false });
      at += 1;
    } else if (character === '\\' && source[at + 1] === '\n') {
      line.text += '\\';
      lines.push({ text: '', isContinued: true });
      at += 2;
    } else if (character === '#') {
      const end = source.indexOf('\n', at);
      const comment = source.slice(at, end === -1 ? undefined : end);
      if (lines.length <= 2 && encodingComment.test(line.text + comment)) line.text += comment;
      at += comment.length;
    } else if (character === '"' || character === "'") {
      const end = endOfString(source, at, /[ft]/.test(prefixBefore(source, at)));
      if (end === undefined) return finished(lines.slice(0, -1)) + line.text + source.slice(at);
      line.text += source.slice(at, end);
      at = end;
    } else {
      line.text += character;
      at += 1;
    }
  }
  return finished(lines);
}

const finished = (lines: readonly Line[]): string =>
  lines
    .map(({ text, isContinued }) => ({ text: text.endsWith('\\') ? text : text.trimEnd(), isContinued }))
    .filter(({ text, isContinued }) => isContinued || text.trim() !== '')
    .map(({ text }) => `${text}\n`)
    .join('');
