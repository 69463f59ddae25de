/** Decompression of blocks in Parquet files by Node's zlib, by the format's names of the codecs; Snappy needs none of these. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

export const decompressors = {
  GZIP: (input: Uint8Array): Uint8Array => gunzipSync(input),
  BROTLI: (input: Uint8Array): Uint8Array => brotliDecompressSync(input),
  ZSTD: (input: Uint8Array): Uint8Array => zstdDecompressSync(input),
} as const;
