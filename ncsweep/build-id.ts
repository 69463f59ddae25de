/** Version and commit of this ncsweep. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildIdOf, builtCommit } from '@ncsweep/protocol/version';

export { version } from '@ncsweep/protocol/version';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Twelve digits, followed by `.modified` when a tracked file differs; undefined outside a checkout or without git. */
async function checkedOutCommit(): Promise<string | undefined> {
  if (!existsSync(`${root}.git`)) return undefined;
  const describe = ['-C', root, 'describe', '--always', '--abbrev=12', '--exclude=*', '--dirty=.modified'];
  const found = await promisify(execFile)('git', describe).catch(() => undefined);
  return found?.stdout.trim();
}

/** The commit of a built package, or of the checkout. */
export const commit = async (): Promise<string | undefined> => builtCommit ?? (await checkedOutCommit());

/**
 * The id of this program as results record it.
 * @example
 * ```ts
 * import { buildId, version } from 'ncsweep';
 *
 * console.log(version, await buildId());
 * ```
 */
export const buildId = async (): Promise<string> => buildIdOf(await commit());
