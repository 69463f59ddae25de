/** Links of Markdown files that lead nowhere. Links to other sites are not followed. */
import { posix } from 'node:path';
import { anchorsOf, linksOf } from './markdown.ts';
import type { Tree } from './tree.ts';

const isElsewhere = (target: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(target);

/** @returns what is wrong with the link; undefined when it holds */
function problemOf(tree: Tree, from: string, target: string): string | undefined {
  const [name = '', anchor] = target.split('#');
  const path = name === '' ? from : posix.join(posix.dirname(from), decodeURI(name)).replace(/\/$/, '');
  if (!tree.paths.has(path) && !tree.folders.has(path === '.' ? '' : path)) return `link ${target}: no such file`;
  if (anchor === undefined || !path.endsWith('.md')) return undefined;
  return anchorsOf(tree.read(path)).has(anchor) ? undefined : `link ${target}: ${path} has no such heading`;
}

/** @returns one line per broken link: `file:line: what is wrong` */
export function brokenLinks(tree: Tree): string[] {
  return [...tree.paths]
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      linksOf(tree.read(path)).flatMap(({ text, line }) => {
        const problem = isElsewhere(text) ? undefined : problemOf(tree, path, text);
        return problem === undefined ? [] : [`${path}:${line}: ${problem}`];
      }),
    );
}
