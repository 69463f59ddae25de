/** Images and labels in a Parquet file, as the Hugging Face hub keeps them: encoded images in a column, labels in another. */
import { decompressors } from '@ncsweep/protocol/decompress';
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import { knownContent, wrongContent } from '@ncsweep/protocol/file-content';
import { parquetMetadata, parquetReadObjects, parquetSchema, type FileMetaData, type SchemaTree } from 'hyparquet';

export interface ImageTable {
  readonly count: number;
  /** Names of the classes, by label; undefined where the file does not say. */
  readonly classNames: readonly string[] | undefined;
  /** Label of each row [N]. */
  labels(): Promise<Int32Array>;
  /** The encoded images of some rows. */
  images(from: number, to: number): Promise<readonly Uint8Array[]>;
}

/** Columns that usually hold what is wanted, in the order in which they are tried. */
const usual = {
  image: ['image', 'img', 'images', 'jpg', 'png'],
  label: ['label', 'labels', 'fine_label', 'class', 'target', 'cls'],
};

const remedies = {
  image: 'Give ncsweep one image column: ds.rename_column("…", "image")',
  label: 'Give ncsweep one label column: ds.rename_column("…", "label")',
} as const;

const refuse = (place: string, found: string, expected: string, remedy: string, cause?: unknown): InvalidFilesError =>
  new InvalidFilesError({ place, found, expected, remedy }, { cause });

function metadataOf(buffer: ArrayBuffer, bytes: Uint8Array, place: string): FileMetaData {
  const end = Buffer.from(bytes.subarray(-4)).toString('latin1');
  try {
    if (end !== 'PAR1') throw new TypeError('its end is missing');
    return parquetMetadata(buffer);
  } catch (cause) {
    const wrong = wrongContent(bytes);
    const known = knownContent(bytes);
    const isParquet = known === 'a Parquet file';
    const cut = `an incomplete Parquet file (${cause instanceof Error ? cause.message : String(cause)})`;
    const what = wrong?.found ?? (known === undefined || isParquet ? cut : known);
    throw refuse(place, what, 'a Parquet file', wrong?.remedy ?? 'Download it again', cause);
  }
}

interface Feature {
  readonly _type?: string;
  readonly names?: readonly string[];
}

/** The hub's own description of the columns; none where another program wrote the file. */
function featuresOf({ key_value_metadata: pairs = [] }: FileMetaData): Readonly<Record<string, Feature>> {
  const text = pairs.find(({ key }) => key === 'huggingface')?.value;
  try {
    const parsed = JSON.parse(text ?? '{}') as { info?: { features?: Record<string, Feature> } };
    return parsed.info?.features ?? {};
  } catch {
    return {};
  }
}

/** The one column of a kind. */
function columnOf(
  what: 'image' | 'label',
  root: SchemaTree,
  features: Readonly<Record<string, Feature>>,
  place: string,
): SchemaTree {
  const there = root.children.map(({ element }) => element.name);
  const declared = there.filter((name) => features[name]?._type === (what === 'image' ? 'Image' : 'ClassLabel'));
  const named = usual[what].filter((name) => there.includes(name));
  const name =
    declared.length === 1 ? declared[0] : (named.find((each) => declared.length === 0 || declared.includes(each)) ?? '');
  const column = root.children.find(({ element }) => element.name === name);
  if (column === undefined)
    throw refuse(place, `the columns ${there.join(', ')}`, `one of ${usual[what].join(', ')}`, remedies[what]);
  return column;
}

function checkColumns(image: SchemaTree, label: SchemaTree, place: string): void {
  const inner = image.children.find(({ element }) => element.name === 'bytes');
  if ((inner ?? image).element.type !== 'BYTE_ARRAY')
    throw refuse(
      place,
      `a column ${image.element.name} without bytes`,
      'encoded images: bytes, or {bytes, path}',
      'Write it with datasets: cast_column("image", Image()), then to_parquet',
    );
  if (label.element.type !== 'INT32' && label.element.type !== 'INT64')
    throw refuse(
      place,
      `a column ${label.element.name} of ${label.element.type === 'BYTE_ARRAY' ? 'text' : 'another type'}`,
      'labels as whole numbers',
      `Number them: ds.class_encode_column("${label.element.name}")`,
    );
}

/** @param place names the file in errors @throws InvalidFilesError for a file that is cut, not Parquet or without such columns */
export function openImageTable(bytes: Uint8Array, place: string): ImageTable {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const metadata = metadataOf(buffer, bytes, place);
  const features = featuresOf(metadata);
  const root = parquetSchema(metadata);
  const image = columnOf('image', root, features, place);
  const label = columnOf('label', root, features, place);
  checkColumns(image, label, place);
  const count = Number(metadata.num_rows);
  const read = async (column: string, rowStart: number, rowEnd: number): Promise<readonly unknown[]> => {
    const file = { byteLength: buffer.byteLength, slice: (start: number, end?: number) => buffer.slice(start, end) };
    try {
      const rows = await parquetReadObjects({
        file,
        metadata,
        columns: [column],
        rowStart,
        rowEnd,
        compressors: decompressors,
        utf8: false,
      });
      return rows.map((row) => row[column] as unknown);
    } catch (cause) {
      const found = `rows that cannot be read (${cause instanceof Error ? cause.message : String(cause)})`;
      throw refuse(place, found, `${count} rows`, 'Download it again', cause);
    }
  };
  return {
    count,
    classNames: features[label.element.name]?.names,
    labels: async () => labelsOf(await read(label.element.name, 0, count), place),
    images: async (from, to) =>
      (await read(image.element.name, from, to)).map((value, i) => imageOf(value, `${place} (row ${from + i})`)),
  };
}

function labelsOf(values: readonly unknown[], place: string): Int32Array {
  return Int32Array.from(values, (value, row) => {
    const label = value === null || value === undefined ? NaN : Number(value);
    if (Number.isInteger(label) && label >= 0 && label <= 9999) return label;
    const isNone = label === -1 || Number.isNaN(label);
    throw refuse(
      `${place} (row ${row})`,
      isNone ? 'no label' : `label ${label}`,
      'a label from 0 to 9999',
      isNone
        ? 'Is this an unlabelled test split? Use validation: remove the files of test'
        : 'Number them with class_encode_column',
    );
  });
}

function imageOf(value: unknown, place: string): Uint8Array {
  const bytes = value instanceof Uint8Array ? value : (value as { bytes?: unknown } | null | undefined)?.bytes;
  if (bytes instanceof Uint8Array) return bytes;
  throw refuse(
    place,
    value === null || value === undefined ? 'no image' : 'only the path of an image',
    'the encoded image itself',
    'Write the files again with the images in them: ds.to_parquet after loading the image files',
  );
}
