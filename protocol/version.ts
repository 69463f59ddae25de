/** The version of ncsweep. It is defined once, in the root package.json; built packages carry a copy of it and the commit. */
import { createRequire } from 'node:module';

interface Manifest {
  readonly version?: string;
  readonly commit?: string;
}

const require = createRequire(import.meta.url);
const own = require('@ncsweep/protocol/package.json') as Manifest;

export const version: string = own.version ?? (require('../package.json') as { readonly version: string }).version;

/** The commit of a built package; undefined in a checkout. */
export const builtCommit: string | undefined = own.commit;

/** How results name the program that made them: `ncsweep-0.1.0+4438822f0d3b`, without the commit where it is unknown. */
export const buildIdOf = (commit: string | undefined): string => `ncsweep-${version}${commit === undefined ? '' : `+${commit}`}`;
