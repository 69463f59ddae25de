/**
 * Rewrites all-ids.json after an intended change of ids: an ADR says why. linf-ids.json changes only with `--linf`, so that an
 * intended change of L2 attacks, or a new grid, cannot hide another one.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { allIds, goldenText, linfIds } from './ids.ts';

const at = (file: string): URL => new URL(file, import.meta.url);

writeFileSync(at('all-ids.json'), goldenText(allIds()));
if (process.argv.includes('--linf')) writeFileSync(at('linf-ids.json'), goldenText(linfIds()));
