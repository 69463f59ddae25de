import { identityOf } from '@ncsweep/catalog/plugins/archive';
import { pluginManifest } from '@ncsweep/catalog/plugins/manifest';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { describe, expect, it } from 'vitest';
import { readPushedData } from '../../engine/store/read-pushed-data.ts';
import { nothingPushed, type PushedData } from '../../planning/spec/pushed-data.ts';
import { resource } from '../../testing/seen-sweep.ts';
import { admit, count } from './admit.ts';
import { storeNeeds } from './store-needs.ts';

const archive = {
  v: 1,
  manifest: pluginManifest.parse({
    plugin: 'lab',
    parts: [
      {
        kind: 'attack',
        name: 'moved',
        python: 'attacks.py:moved',
        norm: 'linf',
        gradients: 'steps',
        params: { steps: { type: 'integer', minimum: 1, default: 4 } },
      },
    ],
  }),
  files: { 'attacks.py': 'def moved(batch, steps):\n    return batch.images\n' },
} as const;
const identity = identityOf(archive);
const named = `lab@sha256:${identity}`;
const using = (more: object = {}, params: object = { steps: 3 }) =>
  resource({
    plugins: [named],
    grids: [{ name: 'g', attack: [{ name: 'mine', kind: 'plugin', part: 'lab/moved', params }], epsilon: ['4/255'] }],
    ...more,
  });
const rules = { backend: 'torch-cpu', mostCells: 1000 } as const;

/** What a store says of the Sweep. */
async function saysOf(sweep: ReturnType<typeof using>, stored: Readonly<Record<string, Uint8Array>>): Promise<PushedData> {
  const store = new MemoryStore();
  for (const [key, bytes] of Object.entries(stored)) await store.put(key, bytes);
  const { datasets, plugins } = storeNeeds(sweep);
  return readPushedData(store, datasets, plugins);
}
const pushed = { [keys.plugin(identity)]: encodeJson(archive) };

describe('a Sweep with a plug-in on a cluster', () => {
  it('is planned with what the store says of the plug-in', async () => {
    const admitted = admit(using(), await saysOf(using(), pushed), rules);
    if (admitted.kind === 'refused') throw new Error(admitted.message);
    expect(admitted.plan.sweep.grids[0]!.attacks[0]!.params).toEqual({
      kind: 'plugin',
      part: 'lab/moved',
      identity,
      norm: 'linf',
      gradients: 3,
      params: { steps: 3 },
    });
    expect(count(using(), await saysOf(using(), pushed), rules)).toMatchObject({ kind: 'counted', backend: 'torch-cpu' });
  });

  const huge = new Uint8Array(5 * 2 ** 20);
  const other = encodeJson({ ...archive, files: { 'attacks.py': 'def moved(batch, steps):\n    return batch.images + 1\n' } });
  it.each<[string, object, Readonly<Record<string, Uint8Array>>, RegExp]>([
    ['is not there', {}, {}, /^plug-in lab@sha256:.*pushed to .*Remedy: ncsweep plugin push FOLDER --store/],
    [
      'is other code',
      {},
      { [keys.plugin(identity)]: other },
      /something else is stored.*Remedy: ncsweep store fsck --repair, then/,
    ],
    ['is too large to be one', {}, { [keys.plugin(identity)]: huge }, /at most 4194304 bytes together.*Remedy: data and weights/],
    [
      'is too large beside another',
      { plugins: [named, `big@sha256:${'b'.repeat(64)}`] },
      { ...pushed, [keys.plugin('b'.repeat(64))]: huge.subarray(0, 2 ** 22 - 50) },
      /^plug-in big@sha256.*at most 4194304 bytes together/,
    ],
    [
      'has another name',
      { plugins: [named.replace('lab', 'lob')] },
      pushed,
      /the name of this plug-in, lab. Remedy: write lab@sha256/,
    ],
    ['is a folder', { plugins: ['./lab'] }, pushed, /pods do not see your folders. Remedy: ncsweep plugin push \.\/lab --store/],
  ])('waits while the plug-in %s', async (_, more, stored, message) => {
    const sweep = using(more);
    for (const judge of [admit, count]) {
      const refused = judge(sweep, await saysOf(sweep, stored), rules);
      expect(refused).toMatchObject({
        kind: 'refused',
        reason: 'PluginUnresolved',
        message: expect.stringMatching(message) as string,
      });
    }
  });

  it('is refused for parameters that its part does not have, as on a laptop', async () => {
    const sweep = using({}, { stepz: 3 });
    expect(admit(sweep, await saysOf(sweep, pushed), rules)).toMatchObject({
      reason: 'InvalidSpec',
      message: expect.stringMatching(/spec\.grids\[0\]\.attack\[0\]\.params\.stepz[\s\S]*did you mean "steps"/) as string,
    });
  });

  it.each<[object, RegExp]>([
    [
      {},
      /^execution\.backend: wasm, which auto means on this cluster: wasm does not run plug-ins in Python.* uses lab\/moved\. Remedy:.*torch-cpu/,
    ],
    [
      { execution: { backend: 'native-cpu' } },
      /spec\.execution\.backend\n +found +"native-cpu"\n +expected +a backend that runs lab\/moved in Python/,
    ],
  ])('is refused on a backend that does not run plug-ins: %o', async (more, message) => {
    const sweep = using(more);
    const refused = admit(sweep, await saysOf(sweep, pushed), { ...rules, backend: 'wasm' });
    expect(refused).toMatchObject({ reason: 'InvalidSpec', message: expect.stringMatching(message) as string });
  });

  it('that names none reads nothing', () => {
    expect(storeNeeds(resource())).toEqual({ datasets: [], plugins: [], reason: undefined });
    expect(storeNeeds(using()).reason).toBe('PluginUnresolved');
    expect(admit(resource(), nothingPushed, rules).kind).toBe('admitted');
  });
});
