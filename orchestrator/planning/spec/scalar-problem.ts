/** Finds values that are invalid, or that mean something else to other YAML readers or to people. */
import type { Scalar } from 'yaml';
import type { Problem } from './problem.ts';

type ScalarProblem = Omit<Problem, 'path'>;

/** Plain words that other YAML readers, including kubectl's, take for booleans. */
const ambiguousWord = /^(y|yes|n|no|on|off)$/i;
/** Plain words that they read as different values: 010 (8 in YAML 1.1), 0o10 and 0b10 (text), 1_000 (1000), 1:30 (90). */
const ambiguousNumber = /^[-+]?(0[\d_]+|0[bo][\d_]+|\d[\d_]*_[\d_]*|\d+(:[0-5]?\d)+)$/i;

/** Characters that no text field may hold: control characters, and invisible marks that hide or reverse what a reader sees. */
const hidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/;

/** In the form U+0001. */
export const codePoint = (character: string): string =>
  `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

function numberProblem(value: number | bigint, source: string): ScalarProblem | undefined {
  if (typeof value === 'number' && !Number.isFinite(value))
    return { found: source, expected: 'a finite number', remedy: 'write the number itself' };
  if (typeof value === 'bigint' || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    return { found: source, expected: 'a number below 2^53', remedy: 'write a smaller number' };
  return undefined;
}

function ambiguityOf(source: string): ScalarProblem | undefined {
  if (ambiguousWord.test(source))
    return {
      found: source,
      expected: 'a word that every YAML reader reads in the same way',
      remedy: `write "${source}", in quotes`,
    };
  if (!ambiguousNumber.test(source)) return undefined;
  const digits = source.replace(/^([-+]?)0+(?=\d)|_/g, '$1');
  const remedy = /^[-+]?\d+$/.test(digits)
    ? `write ${digits}, or "${source}" if text is meant`
    : 'write it as a decimal number, or in quotes';
  return { found: source, expected: 'a number that every YAML reader reads in the same way', remedy };
}

function hiddenIn(text: string): ScalarProblem | undefined {
  const [odd] = hidden.exec(text) ?? [];
  return odd === undefined
    ? undefined
    : {
        found: `text with the character ${codePoint(odd)}`,
        expected: 'text that is what it looks like',
        remedy: 'write it without',
      };
}

/** Types that a tag may name, with what a value of the type is here. */
const tagged: Readonly<Record<string, readonly string[]>> = {
  str: ['string'],
  int: ['number', 'bigint'],
  float: ['number'],
  bool: ['boolean'],
  null: ['object'],
};

/** What is wrong with the tag of a value, such as `!!int` or `!reference`. */
function tagProblem({ tag, value }: Scalar): ScalarProblem | undefined {
  if (tag === undefined) return undefined;
  const [, type = ''] = /^tag:yaml\.org,2002:(\w+)$/.exec(tag) ?? [];
  if (tagged[type]?.includes(typeof value) === true) return undefined;
  const written = tag.replace(/^tag:yaml\.org,2002:/, '!!');
  const expected = type in tagged ? `a value that is what its tag ${written} says` : 'plain data, without tags';
  return { found: `${written} ${String(value)}`, expected, remedy: `remove ${written}` };
}

/** What is wrong with a value, whatever its field. */
export function scalarProblem(node: Scalar): ScalarProblem | undefined {
  const { value, source, type } = node;
  const odd = tagProblem(node);
  if (odd !== undefined) return odd;
  if (typeof value === 'number' || typeof value === 'bigint') {
    const problem = numberProblem(value, source ?? String(value));
    if (problem !== undefined) return problem;
  }
  if (type === 'PLAIN' && source !== undefined) {
    const problem = ambiguityOf(source);
    if (problem !== undefined) return problem;
  }
  return typeof value === 'string' ? hiddenIn(value) : undefined;
}
