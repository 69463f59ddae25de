/** What Parquet files of images hold, as far as labels and image headers show. */
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import type { Examiner } from '@ncsweep/protocol/found-data';
import { shorterSide } from './examine-folders.ts';
import { openImageTable } from './image-table.ts';

/** Rows that are decoded at once. */
export const rowsAtOnce = 256;

class LabelCount {
  readonly #bySplit = { train: new Set<number>(), test: new Set<number>() };
  #names: readonly string[] | undefined;

  add(split: 'train' | 'test', labels: Int32Array, names: readonly string[] | undefined, place: string): void {
    for (const label of labels) this.#bySplit[split].add(label);
    if (names !== undefined && this.#names !== undefined && names.join('\n') !== this.#names.join('\n'))
      throw new InvalidFilesError({
        place,
        found: `the classes ${names.slice(0, 3).join(', ')}, …`,
        expected: `${this.#names.slice(0, 3).join(', ')}, …, as in the files before it`,
        remedy: 'Are these files of one data set?',
      });
    this.#names ??= names;
  }

  /** Number of classes; each has examples in both splits. */
  classes(place: string): number {
    const classes = this.#names?.length ?? Math.max(...this.#bySplit.train, ...this.#bySplit.test) + 1;
    for (const [split, labels] of Object.entries(this.#bySplit)) {
      const missing = Array.from({ length: classes }, (_, i) => i).find((label) => !labels.has(label));
      const name = missing === undefined ? undefined : this.#names?.[missing];
      if (missing !== undefined)
        throw new InvalidFilesError({
          place,
          found: `no image of class ${missing}${name === undefined ? '' : ` (${name})`} in ${split}`,
          expected: `images of every class, 0 to ${classes - 1}, in both splits`,
          remedy: 'Add them, or number the classes anew without it',
        });
    }
    if (classes < 2)
      throw new InvalidFilesError({
        place,
        found: 'images of one class',
        expected: 'at least two classes: collapse is about what lies between them',
        remedy: 'Add a class',
      });
    return classes;
  }
}

export function examineParquet(): Examiner {
  const labels = new LabelCount();
  const counts = { train: 0, test: 0 };
  let [smallest, largest] = [Infinity, 0];
  let lastPlace = '';
  return {
    see: async ({ name, path }, bytes) => {
      const split = name.startsWith('train') ? 'train' : 'test';
      const table = openImageTable(bytes, path);
      labels.add(split, await table.labels(), table.classNames, path);
      counts[split] += table.count;
      lastPlace = path;
      for (let from = 0; from < table.count; from += rowsAtOnce) {
        const images = await table.images(from, Math.min(table.count, from + rowsAtOnce));
        images.forEach((image, i) => {
          const side = shorterSide(image, `${path} (row ${from + i})`);
          [smallest, largest] = [Math.min(smallest, side), Math.max(largest, side)];
        });
      }
    },
    result: () => ({ classes: labels.classes(lastPlace), ...counts, sides: [smallest, largest] }),
  };
}
