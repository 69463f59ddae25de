/**
 * The header of a safetensors file: an 8-byte length (little endian), JSON, then the tensors. It is checked as the reference reader does:
 * offsets must cover the rest of the file once, in order and without gaps; otherwise numbers would be read from the wrong place.
 */
import { z } from 'zod';
import { InvalidFilesError } from './errors.ts';
import { knownContent, wrongContent } from './file-content.ts';

export interface StoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Offsets of its first byte and just past its last, from the end of the header. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: readonly StoredTensor[];
  /** Where the tensors begin, bytes from the start of the file. */
  readonly bodyAt: number;
}

/** Bytes per number; types smaller than a byte are not supported. */
const widths: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
  C64: 8,
};

/** A longer header is treated as an error, as in the reference reader. */
const longestHeader = 100_000_000;

const count = z.int().min(0);
const entry = z.object({ dtype: z.string(), shape: z.array(count), data_offsets: z.tuple([count, count]) });
const metadata = z.record(z.string(), z.string());
const headerSchema = z.object({ __metadata__: metadata.optional() }).catchall(entry);

const pickleRemedy =
  'Convert it once, in Python: safetensors.torch.save_file(torch.load(FILE, weights_only=True), "weights.safetensors")';

function notSafetensors(head: Uint8Array, place: string, why: string): InvalidFilesError {
  const wrong = wrongContent(head);
  const known = knownContent(head);
  const isPickle = known?.includes('pickle') === true;
  return new InvalidFilesError({
    place,
    found: wrong?.found ?? known ?? why,
    expected: 'a safetensors file',
    remedy: wrong?.remedy ?? (isPickle ? pickleRemedy : 'Save it again, or download it again'),
  });
}

const damaged = (place: string, found: string): InvalidFilesError =>
  new InvalidFilesError({
    place,
    found,
    expected: 'tensors that cover the file once, in order and without gaps',
    remedy: 'The file is damaged, or was not written by a safetensors library: save or download it again',
  });

/** @returns size of the header including its length field, at least 8; `head` must hold that many bytes */
export const headerBytes = (first: Uint8Array): number =>
  first.length < 8 ? 8 : 8 + Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));

/**
 * @param head first bytes of the file, at least to the end of its header
 * @param sizeBytes of the whole file
 * @param place names the file in errors
 * @throws InvalidFilesError
 */
export function readSafetensorsHeader(head: Uint8Array, sizeBytes: number, place: string): SafetensorsHeader {
  const bodyAt = headerBytes(head);
  if (head.length < 8) throw notSafetensors(head, place, `${sizeBytes} bytes`);
  if (bodyAt - 8 > longestHeader) throw notSafetensors(head, place, `${sizeBytes} bytes that begin with no header`);
  if (bodyAt > sizeBytes) throw notSafetensors(head, place, `a header of ${bodyAt - 8} bytes in a file of ${sizeBytes}`);
  const parsed = headerSchema.safeParse(jsonOf(head.subarray(8, bodyAt)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    throw notSafetensors(head, place, `a header that describes no tensors${where}`);
  }
  const { __metadata__: _, ...entries } = parsed.data;
  const tensors = Object.entries(entries as Record<string, z.infer<typeof entry>>)
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [start, end],
        },
      ]) => ({ name, dtype, shape, start, end }),
    )
    .sort((a, b) => a.start - b.start || a.end - b.end);
  checkCover(tensors, sizeBytes - bodyAt, place);
  return { tensors, bodyAt };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function checkCover(tensors: readonly StoredTensor[], bodyBytes: number, place: string): void {
  let covered = 0;
  for (const { name, dtype, shape, start, end } of tensors) {
    const width = widths[dtype];
    if (width === undefined) throw damaged(place, `${name} of the unknown type ${dtype}`);
    if (start !== covered)
      throw damaged(
        place,
        `${name} from byte ${start}, ${start > covered ? 'after a gap' : 'inside the tensor before it'} (expected ${covered})`,
      );
    const expected = shape.reduce((product, side) => product * side, width);
    if (end - start !== expected)
      throw damaged(place, `${name} of ${end - start} bytes; its shape ${shape.join('×')} of ${dtype} takes ${expected}`);
    covered = end;
  }
  if (covered > bodyBytes) throw damaged(place, `${bodyBytes} bytes of tensors; the header says ${covered}: the end is missing`);
  if (covered < bodyBytes) throw damaged(place, `${bodyBytes - covered} bytes after the last tensor`);
}
