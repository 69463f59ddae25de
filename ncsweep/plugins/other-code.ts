/** Other code for parts of plug-ins that declare their science: shown to compute the same numbers, then taken over. */
import { backendOf } from '@ncsweep/catalog/backends';
import type { Cell } from '@ncsweep/catalog/cell';
import { declaredIdentity, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { partsAlone } from '@ncsweep/catalog/plugins/part-archive';
import { pluginsOfCell, pluginsOfSweep } from '@ncsweep/catalog/plugins/used-plugins';
import type { CellCheck } from '@ncsweep/orchestrator/engine/verify/verify-cells';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readPluginFolder } from './plugin-folder.ts';

export interface OtherCode {
  /** Archives of parts, by the identities that the sweep names. */
  readonly code: ReadonlyMap<string, PluginArchive>;
  /** Whether a cell is made by one of these parts. */
  readonly runs: (cell: Cell) => boolean;
  /**
   * Puts the code of each part into the store for which cells ran, all with equal numbers.
   * @returns the parts
   */
  readonly accept: (checks: readonly CellCheck[], store: ObjectStore) => Promise<readonly string[]>;
}

const identitiesOf = (cell: Cell, plan: Plan): readonly string[] => pluginsOfCell(cell, plan).map(({ identity }) => identity);

/** Parts that a sweep names by their declared science. */
function declaredParts(archive: PluginArchive, { sweep }: Plan): ReadonlyMap<string, PluginArchive> {
  const used = new Set(pluginsOfSweep(sweep).map(({ identity }) => identity));
  const code = new Map<string, PluginArchive>();
  for (const { archive: alone } of partsAlone(archive)) {
    const identity = declaredIdentity(alone);
    if (identity !== undefined && used.has(identity)) code.set(identity, alone);
  }
  return code;
}

/** A GPU's sums have no fixed order, so no two runs of one code are equal there. */
function isSame({ verdict }: CellCheck, { backend }: Plan): boolean {
  return verdict === 'equal' || (verdict === 'within tolerance' && backendOf(backend).repeats === 'within tolerance');
}

/** @param folder of a plug-in @throws NotFoundError; InvalidInputError when the sweep names no part of it by its declared science */
export async function otherCode(folder: string, plan: Plan): Promise<OtherCode> {
  const { archive } = await readPluginFolder(folder);
  const code = declaredParts(archive, plan);
  if (code.size === 0)
    throw new InvalidInputError(
      `${folder}: the sweep ${plan.sweep.name} uses no part of it by a declared science. Remedy: \`science\` in its plugin.yaml must be that of the results`,
    );
  const accept: OtherCode['accept'] = async (checks, store) => {
    const isProven = (identity: string): boolean => {
      const ofPart = checks.filter(({ cell }) => identitiesOf(cell, plan).includes(identity));
      return ofPart.length > 0 && ofPart.every((check) => isSame(check, plan));
    };
    const proven = [...code].filter(([identity]) => isProven(identity));
    for (const [identity, alone] of proven) await store.put(keys.plugin(identity), encodeJson(alone));
    return proven.map(([, { manifest }]) => `${manifest.plugin}/${manifest.parts[0]!.name}`);
  };
  return { code, runs: (cell) => identitiesOf(cell, plan).some((identity) => code.has(identity)), accept };
}
