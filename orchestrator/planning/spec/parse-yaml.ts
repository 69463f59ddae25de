/**
 * Sweep files as text → plain data in which the place of every value is known. YAML is read as the API server's client reads it;
 * anything that would mean something else there, or break a reader, is refused here.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  visit,
  type YAMLMap,
} from 'yaml';
import { codePoint, scalarProblem } from './scalar-problem.ts';
import { foundText, type PlacedProblem, type Problem, type SpecPath } from './problem.ts';

/** Limits for any file from a user. */
export const limits = { bytes: 1 << 20, words: 150_000, depth: 64, aliases: 100 } as const;

export interface ParsedFile {
  /** Undefined for a file that cannot be read on. */
  readonly document: Document | undefined;
  readonly place: (problem: Problem) => PlacedProblem;
  /** Values that cannot be meant, each at its path; mistakes of YAML itself, at no path. */
  readonly problems: readonly PlacedProblem[];
  /** Line of the first mistake of YAML itself: what was read from there on may be something else. */
  readonly brokenAt: number;
}

const whole = (found: string, expected: string, remedy: string): Problem => ({ path: [], found, expected, remedy });

function decode(bytes: Uint8Array): string | Problem {
  if (bytes.length > limits.bytes) {
    return whole(`${bytes.length} bytes`, `at most ${limits.bytes} bytes`, 'write ranges instead of lists, or split the sweep');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('bytes that are not UTF-8', 'YAML text in UTF-8', 'Is this the right file? Save it as UTF-8');
  }
  const words = text.match(/[^\s,]+/g)?.length ?? 0;
  if (words > limits.words)
    return whole(`${words} words`, `at most ${limits.words} words`, 'write ranges instead of lists, or split the sweep');
  const control = /[\0-\x08\x0b\x0c\x0e-\x1f]/.exec(text);
  if (control !== null)
    return whole(`the control character ${codePoint(control[0])}`, 'YAML text', 'Is this the right file? It looks binary');
  return text;
}

/** The nesting depth by brackets alone, so that a hostile file is refused before a recursive reader sees it. */
function deepestFlow(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === 0x5b || c === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (c === 0x5d || c === 0x7d) depth -= 1;
  }
  return deepest;
}

/** The nesting depth by runs of `- - -` or `? ? ?`, which nest within one line. */
const deepestCompact = (text: string): number =>
  (text.match(/(?:[-?:] +){64,}/g) ?? []).reduce((most, run) => Math.max(most, run.split(/ +/).length - 1), 0);

const tooDeep = whole(
  'deeper nesting',
  `at most ${limits.depth} levels`,
  'a sweep needs fewer than ten levels: check the indentation and the brackets',
);

const tooManyAliases = (found: string): Problem =>
  whole(found, `at most ${limits.aliases} aliases`, 'write the repeated values out');

const oddKey = { found: 'a key that is not a word', expected: 'a field name', remedy: 'check the indentation and the brackets' };

function pathOf(chain: readonly unknown[]): SpecPath {
  const path: (string | number)[] = [];
  chain.forEach((item, i) => {
    const parent = chain[i - 1];
    if (isSeq(parent)) path.push(parent.items.indexOf(item));
    else if (isPair(item) && isScalar(item.key)) path.push(String(item.key.value));
  });
  return path;
}

/** Finds repeated fields in linear time; the library compares every pair. */
function repeatedKeys(map: YAMLMap, path: SpecPath): Problem[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : '';
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const place = { path: [...path, name], atKey: true as const };
    return [{ ...place, found: `the field "${name}" twice`, expected: 'each field once', remedy: 'keep one of the two' }];
  });
}

const isOddPair = (node: unknown): boolean => isPair(node) && !isScalar(node.key);

/** What keeps a file from being read on. */
function obstacleOf(node: unknown, ancestors: readonly unknown[], document: Document): Omit<Problem, 'path'> | undefined {
  if (isOddPair(node)) return ancestors.some(isOddPair) ? undefined : oddKey;
  if (!isAlias(node)) return undefined;
  const source = node.resolve(document);
  if (source === undefined)
    return { found: `*${node.source}`, expected: 'an alias of an anchor before it', remedy: `add &${node.source} there` };
  const holdsItself = ancestors.includes(source);
  return holdsItself
    ? { found: `*${node.source}, which contains itself`, expected: 'finite data', remedy: 'write the values out' }
    : undefined;
}

interface Inspected {
  readonly problems: readonly Problem[];
  /** Whether the data can be read in spite of them. */
  readonly isReadable: boolean;
}

/** Checks what the YAML library leaves to the caller. */
function inspect(document: Document): Inspected {
  const problems: Problem[] = [];
  const obstacles: Problem[] = [];
  let aliases = 0;
  let deepest = 0;
  visit(document, (_key, node, ancestors) => {
    // A field adds two nodes: the pair and its value.
    deepest = Math.max(deepest, ancestors.length);
    if (deepest > 2 * limits.depth) return visit.BREAK;
    if (isAlias(node)) aliases += 1;
    const path = (): SpecPath => pathOf([...ancestors, node]);
    const problem = isScalar(node) ? scalarProblem(node) : undefined;
    if (problem) problems.push({ path: path(), ...problem });
    const obstacle = obstacleOf(node, ancestors, document);
    if (obstacle) obstacles.push({ path: path(), ...obstacle });
    if (isMap(node)) problems.push(...repeatedKeys(node, path()));
    return undefined;
  });
  const unreadable = (...found: Problem[]): Inspected => ({ problems: found, isReadable: false });
  if (deepest > 2 * limits.depth) return unreadable(tooDeep);
  if (aliases > limits.aliases) return unreadable(tooManyAliases(`${aliases} aliases`));
  return obstacles.length > 0 ? unreadable(...problems, ...obstacles) : { problems, isReadable: true };
}

/** What newcomers write that the library names by its own terms. */
const plainer: Readonly<Record<string, { readonly found: string; readonly remedy: string }>> = {
  BLOCK_AS_IMPLICIT_KEY: { found: 'a ": " inside a value', remedy: 'put the value in quotes, or begin a new line' },
  TAB_AS_INDENT: { found: 'a tab as indentation', remedy: 'indent with spaces, here and below' },
};

/** Mistakes of YAML itself; of those that repeat line by line the first. */
function mistakesOf(document: Document): (Problem & { readonly pos: number })[] {
  const first = new Map<string, Problem & { readonly pos: number }>();
  for (const { code, message, pos } of document.errors) {
    const usual = { found: message, remedy: 'check the indentation, quotes and brackets around here' };
    const problem = { path: [], expected: 'YAML', ...(plainer[code] ?? usual), pos: pos[0] };
    const key = code in plainer ? code : `${code} ${pos[0]}`;
    if (!first.has(key)) first.set(key, problem);
  }
  return [...first.values()].slice(0, 20);
}

/** Reads one document. @param file names it in problems */
export function parseYaml(bytes: Uint8Array, file: string): ParsedFile {
  const atStart = (problem: Problem): PlacedProblem => ({ ...problem, origin: file, line: 1, column: 1 });
  const refuse = (problem: Problem): ParsedFile => ({
    document: undefined,
    place: atStart,
    problems: [atStart(problem)],
    brokenAt: 1,
  });
  const text = decode(bytes);
  if (typeof text !== 'string') return refuse(text);
  if (deepestFlow(text) > limits.depth || deepestCompact(text) > limits.depth) return refuse(tooDeep);
  const lines = new LineCounter();
  let documents: readonly Document[];
  try {
    documents = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' })];
  } catch (error) {
    return refuse(error instanceof RangeError ? tooDeep : whole(String(error), 'YAML', 'check the indentation and the brackets'));
  }
  const [document] = documents;
  if (document === undefined || (documents.length === 1 && document.contents === null && document.errors.length === 0))
    return refuse(whole('an empty file', 'a sweep', 'start from sweeps/quickstart.yaml'));
  if (documents.length > 1)
    return refuse(whole(`${documents.length} documents`, 'one document', 'keep one sweep per file: split it at the "---" lines'));
  const at = (offset: number): { readonly line: number; readonly column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const mistakes = mistakesOf(document).map(({ pos, ...problem }) => ({ ...problem, origin: file, ...at(pos) }));
  const place = (problem: Problem): PlacedProblem => ({ ...problem, origin: file, ...at(offsetOf(document, problem)) });
  const { problems, isReadable } = inspect(document);
  return {
    document: isReadable ? document : undefined,
    place,
    problems: [...problems.map(place), ...mistakes],
    brokenAt: Math.min(...mistakes.map(({ line }) => line), Infinity),
  };
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];

/** Offset of the value at a path; of the key for a field; of the deepest part that exists for what is missing. */
function offsetOf(document: Document, { path, atKey }: Problem): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [i, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined) return offset;
      const isKey = atKey === true && i === path.length - 1;
      offset = (isKey ? undefined : startOf(pair.value)) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

/** The data itself. @returns a problem when aliases expand it too far */
export function dataOf(document: Document): { readonly data: unknown } | { readonly problem: Problem } {
  try {
    return { data: document.toJS({ maxAliasCount: limits.aliases, mapAsMap: false }) as unknown };
  } catch (error) {
    return { problem: tooManyAliases(foundText(String(error))) };
  }
}
