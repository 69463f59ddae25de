import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidFilesError } from '../errors.ts';
import { classFolderFiles } from './class-folder-files.ts';
import type { FoundFiles } from './dataset-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-classes-'));
  await put('train/cat/0.png', 'train/dog/0.JPEG', 'val/cat/0.png', 'val/dog/0.png');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), 'x');
  }
}

const find = (): Promise<FoundFiles> =>
  classFolderFiles(folder, { splits: ['train', 'val'], extensions: ['.png', '.jpeg'] }, 'train/<class>/*.png');
const names = async (): Promise<string[]> => (await find()).files.map(({ name }) => name);

async function refusal(): Promise<InvalidFilesError['problem']> {
  const error: unknown = await find().catch((thrown: unknown) => thrown);
  if (!(error instanceof InvalidFilesError)) throw new Error('it was not refused', { cause: error });
  return error.problem;
}

const plain = ['train/cat/0.png', 'train/dog/0.JPEG', 'val/cat/0.png', 'val/dog/0.png'];

describe('classFolderFiles', () => {
  it('finds images in class folders at any depth, and through links', async () => {
    await put('train/cat/farm/barn/1.png', 'elsewhere/2.png');
    await symlink(path.join(folder, 'elsewhere'), path.join(folder, 'val/dog/linked'));
    expect((await find()).skipped).toEqual([]);
    expect(await names()).toEqual([
      'train/cat/0.png',
      'train/cat/farm/barn/1.png',
      'train/dog/0.JPEG',
      'val/cat/0.png',
      'val/dog/0.png',
      'val/dog/linked/2.png',
    ]);
  });

  it.each(['.ipynb_checkpoints', '.Trash', '__MACOSX', '@eaDir'])(
    'takes %s for no class and for no part of one',
    async (hidden) => {
      await put(`train/${hidden}/0.png`, `train/cat/${hidden}/0.png`, 'val/.DS_Store', 'val/cat/._0.png');
      const { files, skipped } = await find();
      expect(files.map(({ name }) => name)).toEqual(plain);
      expect(skipped).toEqual([
        `train/${hidden}/: hidden folders are not classes`,
        `train/cat/${hidden}/: hidden folders hold no images`,
      ]);
    },
  );

  it('names what it leaves out, and why', async () => {
    await put('train/cat/a.bmp', 'train/dog/b.BMP', 'val/cat/README', 'val/stray.png');
    const { files, skipped } = await find();
    expect(files.map(({ name }) => name)).toEqual(plain);
    expect(skipped).toEqual([
      'train/cat/a.bmp and 1 more: .bmp files are not supported',
      'val/cat/README: its name is not that of an image',
      'val/stray.png: in no class folder',
    ]);
  });

  it.each([['train'], ['val'], ['train', 'val']])('refuses a class folder without images in %s %s', async (...splits) => {
    await put(...['train', 'val'].map((split) => `${split}/bird/${splits.includes(split) ? 'a.bmp' : '0.png'}`));
    expect(await refusal()).toMatchObject({
      place: path.join(folder, splits[0], 'bird'),
      found: `a class folder without images; ${splits[0]}/bird/a.bmp: .bmp files are not supported`,
      expected: 'images of every class in train and val',
      remedy: 'Add them, or remove bird everywhere: then there are 2 classes, not 3',
    });
  });

  it('refuses an empty class folder', async () => {
    for (const split of ['train', 'val']) await mkdir(path.join(folder, split, 'bird'));
    expect(await refusal()).toMatchObject({ place: path.join(folder, 'train/bird'), found: 'a class folder without images' });
  });

  it.each(['train', 'val'])('refuses a class that %s alone has', async (split) => {
    await put(`${split}/bird/0.png`);
    const other = split === 'train' ? 'val' : 'train';
    expect(await refusal()).toMatchObject({ place: path.join(folder, other, 'bird'), found: 'no such class folder' });
  });

  it('refuses a single class', async () => {
    for (const split of ['train', 'val']) await rm(path.join(folder, split, 'dog'), { recursive: true });
    expect(await refusal()).toMatchObject({ place: path.join(folder, 'train'), found: 'one class folder, cat' });
  });

  it('refuses images without class folders, and says so', async () => {
    await rm(path.join(folder, 'val'), { recursive: true });
    await put('val/0.png', 'val/1.png');
    expect(await refusal()).toMatchObject({
      place: path.join(folder, 'val'),
      found: 'no class folders; val/0.png and 1 more: in no class folder',
    });
  });

  it('refuses a link that leads into itself', async () => {
    await symlink(path.join(folder, 'train/cat'), path.join(folder, 'train/cat/again'));
    expect((await refusal()).remedy).toMatch(/link/);
  });
});
