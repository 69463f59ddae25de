/** Options that several commands share, worded once. */
import { localBackendChoices } from '@ncsweep/catalog/backends';
import type { CommandTools } from './command-tools.ts';

export const filePositional = { type: 'string', demandOption: true, describe: 'sweep file' } as const;

export const sweepPositional = {
  type: 'string',
  demandOption: true,
  describe: 'sweep file, name of a sweep that was run here, or of a Sweep on the cluster (sweep/NAME: only there)',
} as const;

export const setOption = {
  set: { type: 'string', array: true, requiresArg: true, default: [] as string[], describe: 'override, path=value' },
} as const;

export const backendOption = {
  backend: { choices: localBackendChoices, describe: 'backend; default: the one that the sweep names' },
} as const;

export const outputOption = {
  output: { alias: 'o', choices: ['table', 'json'], default: 'table' as 'table' | 'json', describe: 'output format' },
} as const;

export const storeOption = ({ defaultStore }: CommandTools) =>
  ({
    store: { type: 'string', requiresArg: true, default: defaultStore, describe: 'store: a directory or s3://bucket/prefix' },
  }) as const;

export const whereOption = {
  where: {
    type: 'string',
    array: true,
    requiresArg: true,
    default: [] as string[],
    describe: 'only those with axis=value[,value…], such as training=AT',
  },
} as const;

/** For commands that do not only take files. */
export const fileSetOption = { set: { ...setOption.set, describe: 'override of the file, path=value' } } as const;

/** Options that choose a sweep's store and plan. */
export const sweepOptions = ({ defaultStore }: CommandTools) =>
  ({
    store: {
      type: 'string',
      requiresArg: true,
      describe: `store: a directory or s3://bucket/prefix; default: ${defaultStore}, or that of the Sweep`,
    },
    uid: { type: 'string', requiresArg: true, describe: "uid of a cluster's Sweep, when the store holds several of the name" },
    ...fileSetOption,
    backend: { choices: localBackendChoices, describe: 'whose results; default: those of the last run' },
  }) as const;
