/** Records which sweep file produced `out/NAME`, so that another file of the same name does not silently overwrite it. */
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { writeAtomically } from 'ncsweep/output-folder';

const folderOf = (name: string): string => path.join('out', name);
/** The note is kept beside the folder, so that equal reports remain equal files. */
const noteOf = (name: string): string => path.join('out', `.${name}.file`);

/** The other file, if it still exists. */
function otherFile(note: string, file: string): string | undefined {
  if (!existsSync(note)) return undefined;
  const known = readFileSync(note, 'utf8').trim();
  return existsSync(known) && realpathSync(known) !== realpathSync(file) ? known : undefined;
}

/**
 * Reserves `out/NAME` for the results of a sweep file.
 * @throws InvalidInputError when it holds those of another file; UnreachableError when nothing can be written there
 */
export async function takeOutFolder(file: string, name: string): Promise<string> {
  const [folder, note] = [folderOf(name), noteOf(name)];
  const other = otherFile(note, file);
  if (other !== undefined)
    throw new InvalidInputError(
      `folder ${folder}: it holds the results of another sweep file of this name, ${other}. ` +
        'Remedy: rename one of the two (metadata.name), or choose another folder with --out',
    );
  await writeAtomically(note, `${realpathSync(file)}\n`);
  return folder;
}

/** Gives `out/NAME` back after a run that wrote nothing into it, so that a file that was refused does not keep it. */
export function giveBackOutFolder(name: string): void {
  if (!existsSync(folderOf(name))) rmSync(noteOf(name), { force: true });
}
