/**
 * Files, folders, sections and decisions that documents and comments name, and that are not there.
 *
 * A word is a reference when it begins with a folder of the root (`worker/backend`, `docs/spec.md`, `bench/<name>/run.ts`), or when it ends
 * as sources do (`commit.ts`, `README.md`). It may be meant from the root, from the file's own folder or from one above; a bare name may
 * lie anywhere.
 */
import { posix } from 'node:path';
import { headingsOf, lineAt } from './markdown.ts';
import type { Tree } from './tree.ts';

/** Files that tell what was so when they were written: their links hold, the paths they name may be gone. */
const histories = /^(CHANGELOG\.md|docs\/adr\/.*)$/;
/** Made by programs: their words are data. */
const made = /^(docs\/example-report|bench\/RESULTS\.md|test\/golden\/small-sweep)/;

/** Words that look like references and are none: resources of the Kubernetes API, names of images, templates as helm names them. */
const notMeant = new RegExp(
  [
    /^sweeps\/(status|scale|finalizers)$/,
    /^ncsweep\/(NAME|orchestrator|cli|worker(-native|-gpu)?|nats|versitygw)$/,
    /^ncsweep\/templates\/[\w.-]+$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** How comments look: a line of them with its mark, and one behind code. */
const commentLines = {
  slashes: { whole: /^\s*(?:\/\/|\/\*\*?|\*\/?)\s?(.*)$/, behind: /\s\/\/\s(.*)$/ },
  hash: { whole: /^\s*#\s?(.*)$/, behind: /\s#\s(.*)$/ },
} as const;

const strings = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

/** The comments of a source, all else blank, so that lines keep their numbers. */
function commentsOf(source: string, marks: keyof typeof commentLines): string {
  const { whole, behind } = commentLines[marks];
  const lines = source.split('\n').map((line) => whole.exec(line)?.[1] ?? behind.exec(line.replaceAll(strings, ''))?.[1] ?? '');
  return lines.join('\n');
}

/** What of a file people read. @returns undefined for files that are not looked at */
function proseOf(tree: Tree, path: string): string | undefined {
  if (made.test(path)) return undefined;
  if (path.endsWith('.md')) return tree.read(path);
  if (/\.[cm]?[tj]s$/.test(path)) return commentsOf(tree.read(path), 'slashes');
  return /\.(ya?ml|sh|py)$|(^|\/)(Makefile|Dockerfile)$/.test(path) ? commentsOf(tree.read(path), 'hash') : undefined;
}

const sources = /\.(?:[cm]?ts|mjs|cjs|py|sh|go|md)$/;
/** A word of path characters, with the placeholders that documents use. Not behind what makes it part of an address, a key or a package. */
const words = /(?<![\w./@:$~{}<>*…-])(?:[\w.*-]|<[\w ]+>|\{[\w.,-]+\})(?:[\w./*-]|<[\w ]+>|\{[\w.,/-]+\})*/g;

const escaped = (text: string): string => text.replaceAll(/[.+^$|()[\]\\]/g, '\\$&');

/** Placeholders `<name>`, wildcards and lists of names in braces as a pattern of paths. */
function patternOf(word: string): RegExp {
  const source = escaped(word)
    .replaceAll(/<[\w ]+>/g, '[^/]+')
    .replaceAll(/\{([^}]+)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`)
    .replaceAll('**/', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '(?:.+/)?');
  return new RegExp(`^${source}(?:/|$)`);
}

/** The folder of a file and those above it, the root last. */
function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) folders.push(at);
  return [...folders, ''];
}

class ReferenceCheck {
  readonly #tree: Tree;
  readonly #roots: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#roots = new Set([...tree.folders].filter((folder) => folder !== '' && !folder.includes('/')));
    this.#names = new Set([...tree.paths].map((path) => posix.basename(path)));
  }

  /** @returns a line for each: `file:line: what is wrong` */
  broken(): string[] {
    return [...this.#tree.paths].flatMap((path) => {
      const prose = proseOf(this.#tree, path);
      if (prose === undefined) return [];
      return [...this.#files(path, prose), ...this.#sections(path, prose), ...this.#decisions(path, prose)];
    });
  }

  *#files(path: string, prose: string): Generator<string> {
    if (histories.test(path)) return;
    for (const match of prose.matchAll(words)) {
      const word = match[0].replace(/[.,*-]+$/, '').replace(/\/$/, '');
      if (!this.#isReference(word) || notMeant.test(word)) continue;
      if (!this.#exists(path, word)) yield `${path}:${lineAt(prose, match.index)}: ${word}: no such file or folder`;
    }
  }

  #isReference(word: string): boolean {
    const [first = '', ...rest] = word.split('/');
    return (rest.length > 0 && this.#roots.has(first)) || (sources.test(word) && !word.startsWith('.'));
  }

  #exists(from: string, word: string): boolean {
    if (!word.includes('/') && this.#names.has(word)) return true;
    const { paths, folders } = this.#tree;
    const places = foldersAbove(from).map((folder) => posix.join(folder, word));
    if (places.some((place) => paths.has(place) || folders.has(place) || paths.has(`${place}.ts`))) return true;
    if (/^docs\/adr\/\d{4}$/.test(word)) return this.#hasDecision(Number(word.slice(-4)));
    if (!/[<*{]/.test(word)) return false;
    return places.some((place) => [...paths].some((path) => patternOf(place).test(path)));
  }

  /** `docs/contracts.md "Keys", "Truth"`: sections by their headings. */
  *#sections(path: string, prose: string): Generator<string> {
    const flat = prose.replaceAll('\n', ' ');
    for (const match of flat.matchAll(/(docs\/[\w-]+\.md) ("[^"]+"(?:(?:, | and )"[^"]+")*)/g)) {
      const [, document = '', quoted = ''] = match;
      if (!this.#tree.paths.has(document)) continue; // said already
      const headings = headingsOf(this.#tree.read(document));
      for (const [, section = ''] of quoted.matchAll(/"([^"]+)"/g))
        if (!headings.includes(section)) yield `${path}:${lineAt(prose, match.index)}: ${document} has no section "${section}"`;
    }
  }

  /** Decisions are named by their numbers. */
  *#decisions(path: string, prose: string): Generator<string> {
    for (const match of prose.matchAll(/\bADR (\d+)\b/g))
      if (!this.#hasDecision(Number(match[1]))) yield `${path}:${lineAt(prose, match.index)}: there is no ADR ${match[1]}`;
  }

  #hasDecision(number: number): boolean {
    const start = `docs/adr/${String(number).padStart(4, '0')}-`;
    return [...this.#tree.paths].some((path) => path.startsWith(start));
  }
}

/** @returns a line for each: `file:line: what is wrong` */
export const brokenReferences = (tree: Tree): string[] => new ReferenceCheck(tree).broken();
