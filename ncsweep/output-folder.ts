/** Folders that results are written into. */
import { existsSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { UnreachableError } from '@ncsweep/protocol/errors';
import { fileTrouble, makeFolders } from '@ncsweep/protocol/file-trouble';

function troubleIn(folder: string, error: unknown, elsewhere = 'another folder with --out'): unknown {
  const trouble = fileTrouble(error, elsewhere);
  return trouble === undefined ? error : new UnreachableError(`folder ${folder}: ${trouble}`, { cause: error });
}

/**
 * Creates a folder and tries to write there, so that an unwritable place is found before hours are spent.
 * @param elsewhere what the user may choose instead
 * @throws UnreachableError
 */
export function prepareFolder(folder: string, elsewhere?: string): void {
  const probe = path.join(folder, `.${process.pid}.tmp`);
  try {
    makeFolders(path.resolve(folder));
    writeFileSync(probe, '\n');
    unlinkSync(probe);
  } catch (error) {
    throw troubleIn(folder, error, elsewhere);
  }
}

/** The same check for a place that is filled later or never: it leaves no new folder behind. @throws UnreachableError */
export function tryFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !existsSync(at); at = path.dirname(at)) missing.push(at);
  prepareFolder(folder);
  try {
    for (const made of missing) rmdirSync(made);
  } catch {
    // Another process uses it by now.
  }
}

/** Writes to a temporary file and renames it, so that a reader never sees half a file. @throws UnreachableError */
export async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    makeFolders(path.resolve(path.dirname(file)));
    await writeFile(aside, content);
    await rename(aside, file);
  } catch (error) {
    throw troubleIn(path.dirname(file), error);
  }
}
