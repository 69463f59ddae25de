/** Examples in documents and docstrings: TypeScript blocks that are whole programs. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Example {
  /** `ncsweep/run-sweep.ts:93` */
  readonly place: string;
  readonly code: string;
  /** False for examples that are only compiled, because they need a cluster or data that tests lack. */
  readonly isRun: boolean;
}

/** Blocks of a text, fenced as ```ts or as ```ts no-run where they need something that is not available everywhere. */
export function examplesOf(place: string, text: string): Example[] {
  return [...text.matchAll(/^([ \t]*(?:\*[ \t])?)```ts( no-run)?\n(.*?)^\1```$/gms)].map(
    ({ 1: indent = '', 2: mark, 3: code = '', index }) => ({
      place: `${place}:${text.slice(0, index).split('\n').length}`,
      code: code
        .split('\n')
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart().replace(/^\*$/, '')))
        .join('\n'),
      isRun: mark === undefined,
    }),
  );
}

const sourcesIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => path.join(folder, name));

/** All examples of the library, of the metrics, and of the documents about them. */
export function libraryExamples(): Example[] {
  const documents = ['docs/library.md', 'ncsweep/README.md', 'collapse/README.md'];
  const files = [...sourcesIn('ncsweep'), ...sourcesIn('collapse'), ...documents];
  return files.flatMap((file) => examplesOf(file, readFileSync(path.join(root, file), 'utf8')));
}

/** Functions that `ncsweep/index.ts` exports, each with the docstring before its definition. */
export function documentedFunctions(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of [...sourcesIn('ncsweep'), ...sourcesIn('collapse')]) {
    const text = readFileSync(path.join(root, file), 'utf8');
    for (const [, docstring = '', name = ''] of text.matchAll(
      /(\/\*\*(?:(?!\*\/).)*\*\/)\nexport (?:async )?(?:function\*? |const )(\w+)/gs,
    ))
      found.set(name, docstring);
  }
  return found;
}
