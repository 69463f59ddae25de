/** File systems for tests, mounted where the process has the right to. */
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import process from 'node:process';

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/** @returns a function that unmounts it; undefined, with a prominent line, if it cannot be mounted */
function mounted(what: string, mount: () => (() => void)[]): (() => void) | undefined {
  try {
    const undo = mount();
    return () => undo.forEach((step) => step());
  } catch (error) {
    process.stdout.write(`SKIPPED ${what}: it cannot be mounted here: ${String(error)}\n`);
    return undefined;
  }
}

/** An empty file system in memory. @param options of mount(8), such as `size=1m,ro` */
export const mountTmpfs = (folder: string, options: string): (() => void) | undefined =>
  mounted(`tmpfs ${options}`, () => {
    mkdirSync(folder, { recursive: true });
    run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
    return [() => void run('umount', folder)];
  });

/** exFAT, which has no hard links; needs exfatprogs and exfat-fuse. @param image a file that is made for it */
export const mountExfat = (folder: string, image: string): (() => void) | undefined =>
  mounted('exFAT', () => {
    mkdirSync(folder, { recursive: true });
    const file = openSync(image, 'w');
    ftruncateSync(file, 64 << 20);
    closeSync(file);
    run('mkfs.exfat', image);
    const device = run('losetup', '-f', '--show', image);
    const detach = (): void => void run('losetup', '-d', device);
    try {
      run('mount.exfat-fuse', device, folder);
    } catch (error) {
      detach();
      throw error;
    }
    return [() => void run('umount', folder), detach];
  });
