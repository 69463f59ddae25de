/** The files of a checkout, as the checks of its documents see them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface Tree {
  /** Relative to the root, with "/". */
  readonly paths: ReadonlySet<string>;
  /** Every folder that holds one of them; the root is "". */
  readonly folders: ReadonlySet<string>;
  read(path: string): string;
}

/** What git ignores, and git's own folder. */
const ignored = new Set(['.git', 'node_modules', 'out', '.cache', '.ncsweep', '__pycache__']);

export function readTree(root: string): Tree {
  return treeOf([...filesBelow(root, '')], (path) => readFileSync(join(root, path), 'utf8'));
}

function* filesBelow(root: string, folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = posix.join(folder, entry.name);
    if (ignored.has(entry.name)) continue;
    if (entry.isDirectory()) yield* filesBelow(root, path);
    else if (entry.isFile()) yield path;
  }
}

function treeOf(paths: readonly string[], read: (path: string) => string): Tree {
  const folders = new Set(['']);
  for (const path of paths) for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) folders.add(at);
  return { paths: new Set(paths), folders, read };
}

/** The tree with more files in it. @param files text by path */
export function withFiles(tree: Tree, files: Readonly<Record<string, string>>): Tree {
  return treeOf([...tree.paths, ...Object.keys(files)], (path) => files[path] ?? tree.read(path));
}
