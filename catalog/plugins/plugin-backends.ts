/** Which backends run plug-ins. */
import { backendNames, backendOf, type BackendName } from '../backends.ts';
import type { Sweep } from '../sweep.ts';
import { pluginsOfSweep } from './used-plugins.ts';

/** Best first. */
export const pluginBackends: readonly BackendName[] = backendNames.filter((name) => backendOf(name).plugins !== undefined);

/** Why a backend cannot compute a sweep; undefined if it runs its plug-ins. */
export function pluginsProblem(sweep: Sweep, backend: BackendName): string | undefined {
  const [used] = backendOf(backend).plugins === undefined ? pluginsOfSweep(sweep) : [];
  return used && `${backend} does not run plug-ins, and the sweep ${sweep.name} uses ${used.plugin}`;
}
