/**
 * Images in `<split>/<class>/`, at any depth, as torchvision's ImageFolder finds them. Anything that would change the classes is refused:
 * a class folder without images, a class missing from a split, fewer than two classes. Skipped files are reported.
 */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { InvalidFilesError } from '../errors.ts';
import { statFile, type DatasetFile, type FoundFiles } from './dataset-file.ts';

export interface ClassFolders {
  readonly splits: readonly string[];
  /** Extensions of the images that are read, in lower case, with their dots. */
  readonly extensions: readonly string[];
  /** The required number; undefined where any number from two will do. */
  readonly classes?: number | undefined;
}

/** Folders that programs leave beside images; a leading dot marks them too. */
const isHidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX' || name === '@eaDir';

/** Anything deeper must be a link that leads into itself. */
const deepest = 32;

interface Entry {
  /** Relative to the dataset's folder, `/`-separated. */
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** Follows links. Hidden entries are left to the caller. */
async function entriesOf(folder: string, name: string): Promise<Entry[]> {
  const kindOf = async (entry: Dirent): Promise<boolean | undefined> => {
    if (!entry.isSymbolicLink()) return entry.isDirectory();
    return (await stat(join(folder, name, entry.name)).catch(() => undefined))?.isDirectory();
  };
  const found = await readdir(join(folder, name), { withFileTypes: true });
  const entries = await Promise.all(
    found.map(async (entry) => {
      const isFolder = await kindOf(entry);
      const path = join(folder, name, entry.name);
      return isFolder === undefined ? [] : [{ name: `${name}/${entry.name}`, path, isFolder }];
    }),
  );
  return entries.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Collects skipped entries by reason. */
class Skipped {
  readonly #byReason = new Map<string, string[]>();

  add(name: string, reason: string): void {
    const names = this.#byReason.get(reason) ?? [];
    this.#byReason.set(reason, names);
    names.push(name);
  }

  /** One text per reason. @param prefix of the names to include */
  texts(prefix = ''): string[] {
    return [...this.#byReason].flatMap(([reason, all]) => {
      const [first, ...others] = all.filter((name) => name.startsWith(prefix));
      if (first === undefined) return [];
      return [`${first}${others.length === 0 ? '' : ` and ${others.length} more`}: ${reason}`];
    });
  }
}

class Walk {
  readonly skipped = new Skipped();
  readonly #folder: string;
  readonly #layout: ClassFolders;
  readonly #files: DatasetFile[] = [];

  constructor(folder: string, layout: ClassFolders) {
    this.#folder = folder;
    this.#layout = layout;
  }

  get files(): readonly DatasetFile[] {
    return this.#files.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @returns the class folders of a split, with the number of images in each */
  async split(split: string): Promise<ReadonlyMap<string, number>> {
    const classes = new Map<string, number>();
    for (const entry of await entriesOf(this.#folder, split)) {
      const label = lastPart(entry.name);
      if (isHidden(label)) {
        if (entry.isFolder) this.skipped.add(`${entry.name}/`, 'hidden folders are not classes');
      } else if (entry.isFolder) classes.set(label, await this.#images(entry, 0));
      else this.skipped.add(entry.name, 'in no class folder');
    }
    return classes;
  }

  async #images({ name }: Entry, depth: number): Promise<number> {
    if (depth > deepest)
      throw new InvalidFilesError({
        place: join(this.#folder, name),
        found: `folders ${deepest} deep`,
        expected: 'images in class folders',
        remedy: 'Does a link lead into its own folder? Remove it',
      });
    let count = 0;
    for (const entry of await entriesOf(this.#folder, name)) {
      if (isHidden(lastPart(entry.name))) {
        if (entry.isFolder) this.skipped.add(`${entry.name}/`, 'hidden folders hold no images');
      } else if (entry.isFolder) count += await this.#images(entry, depth + 1);
      else count += await this.#image(entry);
    }
    return count;
  }

  async #image({ name, path }: Entry): Promise<number> {
    const extension = extname(name).toLowerCase();
    if (!this.#layout.extensions.includes(extension)) {
      this.skipped.add(name, extension === '' ? 'its name is not that of an image' : `${extension} files are not supported`);
      return 0;
    }
    const file = await statFile(name, path);
    if (file === undefined) return 0;
    this.#files.push(file);
    return 1;
  }
}

/** @throws InvalidFilesError for a set of classes that cannot be intended */
export async function classFolderFiles(folder: string, layout: ClassFolders, looks: string): Promise<FoundFiles> {
  const walk = new Walk(folder, layout);
  const bySplit = new Map<string, ReadonlyMap<string, number>>();
  for (const split of layout.splits) {
    const found = await stat(join(folder, split)).catch(() => undefined);
    const classes = found?.isDirectory() === true ? await walk.split(split) : new Map<string, number>();
    if (classes.size === 0) throw noClasses(join(folder, split), looks, walk.skipped.texts());
    bySplit.set(split, classes);
  }
  checkClasses(folder, bySplit, walk.skipped, layout.classes);
  return { files: walk.files, skipped: walk.skipped.texts() };
}

const noClasses = (place: string, looks: string, skipped: readonly string[]): InvalidFilesError =>
  new InvalidFilesError({
    place,
    found: ['no class folders', ...skipped].join('; '),
    expected: looks,
    remedy: 'Name the folder that holds both',
  });

type ImagesByClass = ReadonlyMap<string, number>;

function checkClasses(
  folder: string,
  bySplit: ReadonlyMap<string, ImagesByClass>,
  skipped: Skipped,
  classes: number | undefined,
): void {
  const labels = [...new Set([...bySplit.values()].flatMap((classes) => [...classes.keys()]))].sort();
  for (const label of labels) {
    for (const [split, found] of bySplit) {
      const images = found.get(label) ?? 0;
      if (images > 0) continue;
      throw new InvalidFilesError({
        place: join(folder, split, label),
        found: found.has(label)
          ? ['a class folder without images', ...skipped.texts(`${split}/${label}/`)].join('; ')
          : 'no such class folder',
        expected: `images of every class in ${[...bySplit.keys()].join(' and ')}`,
        remedy: `Add them, or remove ${label} everywhere: then there are ${labels.length - 1} classes, not ${labels.length}`,
      });
    }
  }
  if (labels.length < 2)
    throw new InvalidFilesError({
      place: join(folder, [...bySplit.keys()][0] ?? ''),
      found: `one class folder, ${labels.join('')}`,
      expected: 'at least two classes, because collapse compares classes',
      remedy: 'Add a class folder: the images of each class lie in a folder of their own',
    });
  if (classes !== undefined && labels.length !== classes)
    throw new InvalidFilesError({
      place: join(folder, [...bySplit.keys()][0] ?? ''),
      found: `${labels.length} class folders`,
      expected: `${classes}, as this dataset has`,
      remedy: 'Is the whole archive unpacked? For photographs of other classes use the dataset "image-folder"',
    });
}
