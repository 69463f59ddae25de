/** What class folders hold, as far as names and image headers show. */
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import { knownContent, wrongContent } from '@ncsweep/protocol/file-content';
import type { Examiner } from '@ncsweep/protocol/found-data';
import { imageSize } from 'image-size';

/** The shorter side of an encoded image, pixels. @param place names it in errors @throws InvalidFilesError for files that are not images */
export function shorterSide(bytes: Uint8Array, place: string): number {
  const wrong = wrongContent(bytes);
  try {
    if (wrong !== undefined) throw new TypeError(wrong.found);
    const { width, height } = imageSize(bytes);
    return Math.min(width, height);
  } catch (cause) {
    throw new InvalidFilesError(
      {
        place,
        found: wrong?.found ?? knownContent(bytes) ?? `${bytes.length} bytes that are not an image`,
        expected: 'a JPEG, PNG, WebP, GIF, TIFF or AVIF image',
        remedy: wrong?.remedy ?? 'Convert it to PNG, or remove it',
      },
      { cause },
    );
  }
}

export function examineFolders(): Examiner {
  const classes = new Set<string>();
  const counts = { train: 0, test: 0 };
  let [smallest, largest] = [Infinity, 0];
  return {
    see: ({ name, path }, bytes) => {
      const [split, label = ''] = name.split('/');
      classes.add(label);
      counts[split === 'train' ? 'train' : 'test'] += 1;
      const side = shorterSide(bytes, path);
      [smallest, largest] = [Math.min(smallest, side), Math.max(largest, side)];
    },
    result: () => ({ classes: classes.size, ...counts, sides: [smallest, largest] }),
  };
}
