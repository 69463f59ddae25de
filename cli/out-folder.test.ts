import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { giveBackOutFolder, takeOutFolder } from './out-folder.ts';

const home = process.cwd();
const take = (file: string) => takeOutFolder(file, 'base');

beforeEach(() => {
  process.chdir(mkdtempSync(path.join(tmpdir(), 'ncsweep-out-')));
  for (const file of ['a.yaml', 'b.yaml']) writeFileSync(file, '');
});
afterEach(() => process.chdir(home));

describe('the folder of results', () => {
  it('is out/NAME, and stays with its file', async () => {
    expect(await take('a.yaml')).toBe(path.join('out', 'base'));
    expect(await take('./a.yaml')).toBe(path.join('out', 'base'));
  });

  it('is not taken from another file of the same name', async () => {
    await take('a.yaml');
    await expect(take('b.yaml')).rejects.toThrow(InvalidInputError);
    await expect(take('b.yaml')).rejects.toThrow(/another sweep file of this name, .*a\.yaml\. Remedy: rename one.*--out/);
    expect(await take('a.yaml')).toBe(path.join('out', 'base'));
  });

  it('is given back by a run that wrote nothing, and only by such a run', async () => {
    await take('a.yaml');
    giveBackOutFolder('base');
    expect(await take('b.yaml')).toBe(path.join('out', 'base'));
    mkdirSync(path.join('out', 'base'));
    giveBackOutFolder('base');
    await expect(take('a.yaml')).rejects.toThrow(InvalidInputError);
  });

  it('goes over from a file that is gone', async () => {
    await take('a.yaml');
    rmSync('a.yaml');
    expect(await take('b.yaml')).toBe(path.join('out', 'base'));
  });
});
