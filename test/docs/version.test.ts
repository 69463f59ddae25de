import { readFileSync } from 'node:fs';
import { version } from '@ncsweep/protocol/version';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const json = (file: string): Record<string, unknown> => JSON.parse(read(file)) as Record<string, unknown>;

describe('the version', () => {
  it('stands in the package.json of the root, and in no workspace', () => {
    const { workspaces, ...root } = json('package.json');
    expect(root['version']).toBe(version);
    for (const workspace of workspaces as string[])
      expect(json(`${workspace}/package.json`), workspace).not.toHaveProperty('version');
  });

  it('is that of the chart and of the images that it names', () => {
    expect(parse(read('charts/ncsweep/Chart.yaml'))).toMatchObject({ version, appVersion: version });
    const images = read('charts/ncsweep/values.yaml').matchAll(/^ *image: (ncsweep\/[\w-]+):(.*)$/gm);
    const tags = [...images].map(([, name, tag]) => [name, tag]);
    expect(tags.length).toBeGreaterThan(3);
    expect(tags.filter(([, tag]) => tag !== version)).toEqual([]);
  });
});
