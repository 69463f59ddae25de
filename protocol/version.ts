/** Which ncsweep this is. The version stands once, in the package.json of the root; packages that were built carry a copy, and the commit. */
import { createRequire } from 'node:module';

interface Manifest {
  readonly version?: string;
  readonly commit?: string;
}

const require = createRequire(import.meta.url);
const own = require('@ncsweep/protocol/package.json') as Manifest;

export const version: string = own.version ?? (require('../package.json') as { readonly version: string }).version;

/** Of a package that was built; undefined in a checkout. */
export const builtCommit: string | undefined = own.commit;

/** What results say of the program that made them: `ncsweep-0.1.0+4438822f0d3b`, without a commit where none is known. */
export const buildIdOf = (commit: string | undefined): string => `ncsweep-${version}${commit === undefined ? '' : `+${commit}`}`;
