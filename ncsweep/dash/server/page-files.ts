/** The files of the page: its modules as a browser can load them, the libraries that they name, and the style sheet. Nothing is built beforehand. */
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** A module with what it imports, each by the path under which the page loads it. */
export interface PageModule {
  readonly path: string;
  readonly text: string;
}

const entry = 'ncsweep/dash/page/main';
const nameOf: Readonly<Record<string, string>> = {
  preact: '/lib/preact.js',
  'preact/hooks': '/lib/preact-hooks.js',
  '@preact/signals': '/lib/signals.js',
  '@preact/signals-core': '/lib/signals-core.js',
  htm: '/lib/htm.js',
};
const bareOf = new Map(Object.entries(nameOf).map(([name, path]) => [path, name]));

/** `from 'x'`, `from"x"` and `import 'x'`, as compilers and minifiers write them. */
const imported = /(\bfrom\s*|\bimport\s*)(["'])([^"'\n]+)\2/g;

/** Sources are TypeScript in a checkout and JavaScript in a built package. */
function javaScriptOf(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.ts')) return text.replace(/\/\/# sourceMappingURL=\S+\s*$/, '');
  // Node calls the function experimental on the terminal of whoever looks at a sweep; the pinned versions have it.
  const quiet = Object.getOwnPropertyDescriptor(process, 'emitWarning')!;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    Object.defineProperty(process, 'emitWarning', quiet);
  }
}

function fileOf(path: string): string {
  const bare = bareOf.get(path);
  if (bare !== undefined) return fileURLToPath(import.meta.resolve(bare));
  const stem = fileURLToPath(new URL(`../${path.replace(/^\/dash\//, '').replace(/\.js$/, '')}`, import.meta.url));
  return existsSync(`${stem}.ts`) ? `${stem}.ts` : `${stem}.js`;
}

/** The path under which a module's import is served. @throws Error for one that the page may not load */
function pathOf(specifier: string, from: string): string {
  if (specifier.startsWith('.')) return new URL(specifier, `http://page.invalid${from}`).pathname.replace(/\.ts$/, '.js');
  const path = nameOf[specifier];
  if (path === undefined) throw new Error(`${from} imports ${specifier}: the page has no such library; add it to page-files.ts`);
  return path;
}

/** Every module of the page, those that others need first. @param named the specifier that a module at this path is imported by */
export function pageModules(named: (path: string) => string = (path) => path): readonly PageModule[] {
  const modules = new Map<string, PageModule>();
  const visit = (path: string): void => {
    if (modules.has(path)) return;
    const source = javaScriptOf(fileOf(path));
    const needed: string[] = [];
    const text = source.replace(imported, (_, keyword: string, quote: string, specifier: string) => {
      const target = pathOf(specifier, path);
      needed.push(target);
      return `${keyword}${quote}${named(target)}${quote}`;
    });
    modules.set(path, { path, text });
    needed.forEach(visit);
  };
  visit(entryPath);
  return [...modules.values()];
}

export const entryPath = `/${entry.replace(/^ncsweep\//, '')}.js`;
