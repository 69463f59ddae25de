/** The backend that a choice means for a sweep: one that runs its plug-ins. */
import { backendNames, isChosen, type BackendName } from '@ncsweep/catalog/backends';
import { pluginBackends, pluginsProblem, pluginsRemedy } from '@ncsweep/catalog/plugins/plugin-backends';
import { pluginsOfSweep } from '@ncsweep/catalog/plugins/used-plugins';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { BackendChoice } from './backends.ts';
import type { Machine } from './machine.ts';

/** @throws InvalidInputError with the remedy when the choice is not available, or does not run the plug-ins of the sweep */
export async function backendFor(sweep: Sweep, choice: BackendChoice, machine: Machine): Promise<BackendName> {
  if (pluginsOfSweep(sweep).length === 0) return machine.resolveBackend(choice);
  const able = pluginBackends(sweep).filter((name) => isChosen(choice, name));
  if (able.length === 0) {
    const chosen = backendNames.find((name) => isChosen(choice, name))!;
    const best = pluginBackends(sweep).at(-1);
    const remedy = best === undefined ? pluginsRemedy(sweep) : `--backend ${best}`;
    throw new InvalidInputError(`backend ${pluginsProblem(sweep, chosen)}. Remedy: ${remedy}`);
  }
  for (const name of able.slice(0, -1)) {
    const found = await machine.resolveBackend(name).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return machine.resolveBackend(able.at(-1)!);
}
