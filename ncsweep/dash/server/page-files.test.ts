import { readdirSync } from 'node:fs';
import { parse } from 'node:path';
import { expect, it } from 'vitest';
import { entryPath, pageModules } from './page-files.ts';

const modules = pageModules();

it('serves every module that another one imports, as JavaScript without types', () => {
  const paths = new Set(modules.map(({ path }) => path));
  expect(paths).toContain(entryPath);
  for (const { path, text } of modules) {
    for (const [, target] of text.matchAll(/(?:\bfrom|\bimport)\s*["']([^"'\n]+)["']/g)) expect(paths, path).toContain(target);
    expect(text, path).not.toMatch(/import type|interface \w+ \{/);
    expect(text, path).not.toContain('sourceMappingURL');
  }
});

it('serves all views', () => {
  const views = readdirSync(new URL('../page/views/', import.meta.url)).map((name) => `/dash/page/views/${parse(name).name}.js`);
  expect(modules.map(({ path }) => path)).toEqual(expect.arrayContaining(views));
});
