/** Recognises from its first bytes a file whose content is not what its name promises. */

const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes.subarray(0, 512));
const startsWith = (bytes: Uint8Array, ...start: readonly number[]): boolean => start.every((byte, i) => bytes[i] === byte);

/** Describes what is often found in place of the wanted file. */
export interface FileContent {
  /** Completes "found …". */
  readonly found: string;
  readonly remedy: string;
}

/** Recognises a placeholder or an empty file; undefined for anything else. */
export function wrongContent(bytes: Uint8Array): FileContent | undefined {
  if (bytes.length === 0) return { found: 'an empty file', remedy: 'Download it again' };
  const head = text(bytes);
  if (head.startsWith('version https://git-lfs.github.com/spec/'))
    return { found: 'a pointer of Git LFS, not the file itself', remedy: 'Fetch it: git lfs pull' };
  if (/^\s*<(!doctype|html|\?xml)/i.test(head))
    return { found: 'a web page', remedy: 'Download it again: the address answered with a page, perhaps to log in' };
  if (bytes.every((byte) => byte === 0)) return { found: `${bytes.length} zero bytes`, remedy: 'Download it again' };
  return undefined;
}

/** The format of these bytes; undefined when it is not recognised. */
export function knownContent(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, 0x80, 2) || startsWith(bytes, 0x80, 4)) return 'a pickle';
  if (startsWith(bytes, 0x50, 0x4b, 3, 4))
    return text(bytes).includes('.pkl') ? 'a PyTorch checkpoint (zip of pickles)' : 'a zip archive';
  if (startsWith(bytes, 0x50, 0x41, 0x52, 0x31)) return 'a Parquet file';
  if (startsWith(bytes, 0x1f, 0x8b)) return 'a gzip file';
  if (startsWith(bytes, 0x89, 0x48, 0x44, 0x46)) return 'an HDF5 file';
  if (startsWith(bytes, 0x93, 0x4e, 0x55, 0x4d)) return 'a NumPy array';
  if (startsWith(bytes, 0x42, 0x4d)) return 'a BMP image';
  if (/^P[1-7]\s/.test(text(bytes))) return 'a PNM image';
  if (text(bytes).slice(4, 12) === 'ftypheic') return 'a HEIC image';
  return undefined;
}
