/** The programs that `make cluster` uses and hands to the user's shell. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { serverProgram } from '../../test/harness/server-process.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const script = (name: string): string => path.join(root, 'scripts', name);

/** Path of a program that the user has. */
export function onPath(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Look further.
    }
  }
  return undefined;
}

/** Which of the servers scripts/servers/build.sh would have to build. */
export const unbuilt = (...names: string[]): string[] =>
  execFileSync(script('servers/build.sh'), ['--missing', ...names], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);

/** Makes a folder that holds only these programs. @param programs names below the folder of servers */
export function folderOfPrograms(folder: string, ...programs: string[]): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const program of programs) symlinkSync(serverProgram(program), path.join(folder, path.basename(program)));
  return folder;
}

/** Lines for a shell: its own programs come last. */
export const pathLine = (folder: string): string => `export PATH="${folder}:$PATH"`;
export const exportLines = (variables: Readonly<Record<string, string>>): string[] =>
  Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
