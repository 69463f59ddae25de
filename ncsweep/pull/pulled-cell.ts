/** The folder of a pulled evaluation: its arrays, and cell.json, which says what they are. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { decodeJson } from '@ncsweep/protocol/json-bytes';
import { arrayChoice } from '@ncsweep/catalog/cell-arrays';
import { z } from 'zod';
import { openNpy } from '../npy-file.ts';
import { writeAtomically } from '../output-folder.ts';

const cellFile = 'cell.json';

const arrayFile = z.object({
  /** Relative to the folder. */
  file: z.string(),
  type: z.string(),
  shape: z.array(z.int()),
  sha256: z.string(),
  sizeBytes: z.int(),
});
type ArrayFile = z.infer<typeof arrayFile>;

/** The part of cell.json that shows whether the folder holds what is requested; the rest is for people. */
const pulledCell = z.object({
  v: z.literal(1),
  /** Digest of the stored result that the arrays reproduced. */
  resultSha256: z.string(),
  holds: arrayChoice,
  files: z.array(arrayFile),
});
export type PulledCell = z.infer<typeof pulledCell>;

/** The sha256 of a file of any size. */
async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function describe(folder: string, file: string): Promise<ArrayFile> {
  const at = path.join(folder, file);
  const { type, shape } = openNpy(at, 'out').header;
  return { file, type, shape: [...shape], sha256: await digestOfFile(at), sizeBytes: (await stat(at)).size };
}

/** The folder's cell.json, if it has one that we wrote. */
export async function readPulledCell(folder: string): Promise<PulledCell | undefined> {
  try {
    return decodeJson(pulledCell, await readFile(path.join(folder, cellFile)), cellFile);
  } catch {
    return undefined; // pulled again
  }
}

async function isSound(folder: string, { file, sha256, sizeBytes }: ArrayFile): Promise<boolean> {
  const at = path.join(folder, file);
  const found = await stat(at).catch(() => undefined);
  return found?.size === sizeBytes && (await digestOfFile(at)) === sha256;
}

/** Whether its files are still as they were written. */
export async function isWhole(folder: string, { files }: PulledCell): Promise<boolean> {
  for (const file of files) if (!(await isSound(folder, file))) return false;
  return true;
}

/** @param facts about the cell, for people @param files of arrays that are present */
export async function writePulledCell(
  folder: string,
  facts: Omit<PulledCell, 'files'> & Readonly<Record<string, unknown>>,
  files: readonly string[],
): Promise<PulledCell> {
  const described: ArrayFile[] = [];
  for (const file of files) described.push(await describe(folder, file));
  const cell = { ...facts, files: described };
  await writeAtomically(path.join(folder, cellFile), `${JSON.stringify(cell, null, 2)}\n`);
  return cell;
}
