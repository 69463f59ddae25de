import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Cell } from '@ncsweep/catalog/cell';
import { partIdentities } from '@ncsweep/catalog/plugins/part-archive';
import { pluginsOfCell } from '@ncsweep/catalog/plugins/used-plugins';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { readStoredArchive } from '@ncsweep/orchestrator/engine/store/read-plugins';
import type { CellCheck } from '@ncsweep/orchestrator/engine/verify/verify-cells';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otherCode } from './other-code.ts';
import { readPluginFolder } from './plugin-folder.ts';
import { storePlugin } from './stored-plugins.ts';

const manifest = `plugin: lab
parts:
  - { kind: attack, name: moved, python: a.py:moved, norm: linf, gradients: 1, science: 1 }
  - { kind: attack, name: plain, python: a.py:moved, norm: linf, gradients: 1 }
`;
let folder = '';
const write = (text: string, yaml = manifest): Promise<unknown> =>
  Promise.all([writeFile(path.join(folder, 'plugin.yaml'), yaml), writeFile(path.join(folder, 'a.py'), text)]);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-other-code-'));
  await write('def moved(batch): return batch.images\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function planOf(): Promise<Plan> {
  const identities = partIdentities((await readPluginFolder(folder)).archive);
  const attacks = ['moved', 'plain'].map((name) => {
    const identity = identities.get(`attack:${name}`)!;
    return { name, params: { kind: 'plugin', part: `lab/${name}`, identity, norm: 'linf', gradients: 1, params: {} } } as const;
  });
  return planSweep({ ...exampleSweep, seeds: [1], grids: [{ ...exampleSweep.grids[2]!, attacks }] }, 'torch-cpu', 250);
}

const checked = (cells: readonly Cell[], verdict: 'equal' | 'within tolerance' | 'differs'): CellCheck[] =>
  cells.map((cell) => ({ cell, verdict, unlike: [], compared: 1, differing: [], beyond: 0, files: [] }));

describe('other code under a declared science', () => {
  it('is taken over exactly if cells of the part ran, all with equal numbers', async () => {
    const store = new MemoryStore();
    const plan = await planOf();
    await storePlugin(store, await readPluginFolder(folder));
    await write('def moved(batch): return batch.images + 0\n');
    const other = await otherCode(folder, plan);
    const [[identity] = ['']] = other.code;
    const cells = [...plan.cells.values()].filter(other.runs);
    expect(cells.length).toBeGreaterThan(1);
    expect(cells.every((cell) => pluginsOfCell(cell).some((used) => used.identity === identity))).toBe(true);
    const text = async (): Promise<string | undefined> => (await readStoredArchive(store, identity))?.files['a.py'];
    const last = cells.slice(1);
    for (const checks of [
      [],
      checked(cells, 'within tolerance'),
      [...checked(cells.slice(0, 1), 'equal'), ...checked(last, 'differs')],
    ]) {
      expect(await other.accept(checks, store)).toEqual([]);
      expect(await text()).not.toContain('+ 0');
    }
    expect(await other.accept(checked(cells, 'equal'), store)).toEqual(['lab/moved']);
    expect(await text()).toContain('+ 0');
    await storePlugin(store, await readPluginFolder(folder));
  });

  it('is refused where the sweep does not name the part by that science', async () => {
    const plan = await planOf();
    await write('def moved(batch): return batch.images\n', manifest.replace('science: 1', 'science: 2'));
    await expect(otherCode(folder, plan)).rejects.toThrow(
      /uses no part of it by a declared science\. Remedy: `science` in its plugin.yaml/,
    );
  });
});
