/** A copy of the tree in which a test may change files; it uses the packages of this tree. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

interface CommandEnd {
  readonly exitCode: number;
  readonly output: string;
}

async function copyFiles(tree: string): Promise<void> {
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await run('git', listed, { cwd: root, maxBuffer: 2 ** 26 });
  for (const file of new Set(stdout.split('\0').filter((name) => name !== '')))
    await cp(path.join(root, file), path.join(tree, file), { recursive: true }).catch((error: unknown) => {
      // Removed here and not yet committed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
}

/** Links to workspaces lead into the copy, all others to what is installed here. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [here, there] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isSymbolicLink()) await symlink(await readlink(here), there);
    else if (entry.name === '@ncsweep') await linkPackages(here, there);
    else await symlink(here, there);
  }
}

export async function scratchTree(tree: string): Promise<void> {
  await copyFiles(tree);
  await linkPackages(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
}

/** Runs a program in the copy. */
export async function runIn(tree: string, program: string, args: readonly string[]): Promise<CommandEnd> {
  try {
    const { stdout, stderr } = await run(program, args, { cwd: tree, maxBuffer: 2 ** 26 });
    return { exitCode: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { exitCode: code, output: stdout + stderr };
  }
}
