import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeArchive } from '@ncsweep/catalog/plugins/archive';
import type { EvaluateCell } from '@ncsweep/catalog/cell';
import type { MetricEntry } from '@ncsweep/catalog/metrics/metric';
import { pluggedEntries } from '@ncsweep/catalog/plugins/plugged-metric';
import { layerShapesOf } from '@ncsweep/catalog/architectures';
import { viewKey, viewsOf } from '@ncsweep/catalog/views';
import { evaluationUnits, forwardMacs } from '@ncsweep/orchestrator/planning/plan/cost';
import { decodePlan, encodePlan } from '@ncsweep/orchestrator/planning/plan/plan-document';
import { planSweep, type RunnablePlan } from '@ncsweep/orchestrator/planning/plan/plan';
import { partIdentities, partKey } from '@ncsweep/catalog/plugins/part-archive';
import { readStoredArchive } from '@ncsweep/orchestrator/engine/store/read-plugins';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { CorruptObjectError } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { backendFor } from '../backend-for.ts';
import { submitSweep } from '../cluster/submit.ts';
import { InvalidSweepError } from '../errors.ts';
import { loadSweep, validateSweep } from '../load-sweep.ts';
import { thisMachine } from '../machine.ts';
import { readPluginFolder } from './plugin-folder.ts';
import { storePluginsOf } from './stored-plugins.ts';

const manifest = `plugin: lab
parts:
  - kind: attack
    name: moved
    python: attacks.py:moved
    norm: l2
    gradients: [steps, 2]
    params:
      steps: { type: integer, minimum: 1, maximum: 50, default: 10 }
      mode: { type: string, enum: [plain, fast], default: plain }
  - { kind: loss, name: sum, python: attacks.py:total, adversarial: always, passes: 2, params: { beta: { type: number, minimum: 0 } } }
  - kind: metric
    name: spread
    python: attacks.py:spread
    passes: 3
    minimum: 0
    tolerance: { relative: 0.02 }
    params: { power: { type: integer, default: 2 } }
  - kind: architecture
    name: net
    python: attacks.py:net
    image: [1, 8, 8]
    classes: 2
    params: { width: { type: integer, minimum: 1, default: 3 } }
    layers:
      - { name: stem, module: stem.0, shape: [width, 8, 4] }
      - { name: tokens, module: mix, shape: [32, width] }
    classifier: { module: fc, layer: pooled, inputs: width }
    multiply_adds: [width, width, 10]
`;
const code =
  'def moved(batch, steps, mode):\n    return batch.images\n\ndef total(batch, beta):\n    return batch.logits(batch.images).mean()\n\ndef spread(data, power):\n    return 1.0\n\ndef net(classes, image, width):\n    return None\n';

const text = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: small}
spec:
  plugins: [./lab]
  dataset: [{name: prototypes, classes: 2, trainPerClass: 16, testPerClass: 4, imageSize: 8}]
  architecture: [{name: mlp, width: 4, depth: 1}]
  training:
    - {name: ST, epochs: 6, batchSize: 8}
    - {name: SUM, loss: plugin, part: lab/sum, params: {beta: 2}, epochs: 6, batchSize: 8}
  seed: [1]
  grids:
    - name: main
      epsilon: [0, 1/2]
      attack:
        - {name: fgsm, kind: fgsm}
        - {name: moved, kind: plugin, part: lab/moved, params: {steps: 3}}
  report: {claims: none}
`;

function decodeWhole(document: Uint8Array): RunnablePlan {
  const steps = decodePlan(document);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

let folder = '';
const at = (...parts: string[]): string => path.join(folder, ...parts);
const write = (files: Readonly<Record<string, string>>, into = 'lab'): Promise<unknown> =>
  Promise.all(
    Object.entries(files).map(async ([name, content]) => {
      await mkdir(path.dirname(at(into, name)), { recursive: true });
      await writeFile(at(into, name), content);
    }),
  );
const source = (changed = text) => ({ text: changed, folder });
const load = (changed?: string) => loadSweep(source(changed), { store: at('store') });
const idsOf = async (changed?: string): Promise<ReadonlySet<string>> =>
  new Set(planSweep(await load(changed), 'torch-cpu', 250).cells.keys());
const problemsOf = async (changed: string): Promise<string[]> =>
  (await validateSweep(source(changed))).map(
    ({ origin, line, column, found, expected, remedy }) =>
      `${path.relative(folder, origin) || origin}:${line}:${column} ${found}; ${expected}; ${remedy}`,
  );

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-plugins-'));
  await write({ 'plugin.yaml': manifest, 'attacks.py': code });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a sweep with a plug-in', () => {
  it('plans its parts with what the manifest says of them', async () => {
    const { trainings, grids } = await load();
    const parts = partIdentities((await readPluginFolder(at('lab'))).archive);
    expect(grids[0]!.attacks[1]!.params).toEqual({
      kind: 'plugin',
      part: 'lab/moved',
      identity: parts.get('attack:moved'),
      norm: 'l2',
      gradients: 6,
      params: { steps: 3, mode: 'plain' },
    });
    expect(trainings[1]!.params).toMatchObject({
      loss: 'plugin',
      part: 'lab/sum',
      identity: parts.get('loss:sum'),
      passes: 2,
      objective: 'ce',
      params: { beta: 2 },
      attack: { norm: 'linf', epsilon: '8/255' },
    });
  });

  it('measures its metrics in every evaluation, which is then another one; no training is', async () => {
    const asked = text.replace('  seed: [1]\n', '  seed: [1]\n  metrics: [{part: lab/spread}]\n');
    const { archive } = await readPluginFolder(at('lab'));
    const identity = partIdentities(archive).get(partKey({ kind: 'metric', name: 'spread' }));
    const [without, sweep] = [await load(), await load(asked)];
    const params = { part: 'lab/spread', identity, of: 'layers', returns: 'scalar', passes: 3, params: { power: 2 } };
    expect(sweep.metrics).toEqual([
      { params, facts: { summary: '', tolerance: { absolute: 0, relative: 0.02 }, unit: '', minimum: 0, scale: 'linear' } },
    ]);
    const plan = planSweep(sweep, 'torch-cpu', 250);
    const evaluations = [...plan.cells.values()].filter((cell) => cell.kind === 'evaluate');
    expect(evaluations.every((cell) => cell.params.metrics?.[0]?.part === 'lab/spread')).toBe(true);
    const before = new Set(planSweep(without, 'torch-cpu', 250).cells.keys());
    expect([...plan.cells.values()].filter(({ cellId }) => before.has(cellId)).map(({ kind }) => kind)).toEqual([
      'snapshot',
      'snapshot',
    ]);
    const [cell] = evaluations;
    const { metrics: _, ...plain } = cell!.params;
    const lineage = plan.evaluations[0]!.lineage;
    const passes = (of: EvaluateCell): number =>
      evaluationUnits(lineage, of) / forwardMacs(lineage.architecture, lineage.dataset);
    const views = viewsOf(lineage.architecture).length;
    expect(passes(cell!) - passes({ ...cell!, params: plain })).toBeCloseTo((3 * views * 32) / 1e9, 12);
    expect(decodeWhole(encodePlan(plan)).cells).toEqual(plan.cells);
    const [[name, entry]] = [...pluggedEntries(sweep.metrics)] as [[string, MetricEntry]];
    expect([name, entry.range, entry.tolerance.relative]).toEqual(['lab/spread', [0, Infinity], 0.02]);
  });

  it('plans a network by what is declared of it, and sends that to the program', async () => {
    const asked = text.replace('{name: mlp, width: 4, depth: 1}', '{name: plugin, as: own, part: lab/net, params: {width: 5}}');
    const { architectures } = await load(asked);
    const network = architectures[0]!.params;
    const { archive } = await readPluginFolder(at('lab'));
    const identity = partIdentities(archive).get(partKey({ kind: 'architecture', name: 'net' }));
    expect(network).toMatchObject({ name: 'plugin', part: 'lab/net', identity, multiplyAdds: 250, classifier: { inputs: 5 } });
    expect(viewsOf(network).map(viewKey)).toEqual([
      ...['input/flatten', 'input/gap', 'stem/flatten', 'stem/gap', 'tokens/flatten', 'tokens/gap', 'pooled/flatten'],
    ]);
    expect([...layerShapesOf(network, [8, 8, 1])]).toEqual([
      ['input', [8, 8, 1]],
      ['stem', [8, 4, 5]],
      ['tokens', [32, 1, 5]],
      ['pooled', [1, 1, 5]],
    ]);
    expect(decodeWhole(encodePlan(planSweep(await load(asked), 'torch-cpu', 250))).cells.size).toBe(8);
    expect(await problemsOf(asked.replace('imageSize: 8', 'imageSize: 16'))).toEqual([
      expect.stringContaining('images of 8×8×1, as its plug-in declares; prototypes has 16×16×1'),
    ]);
    expect(await problemsOf(asked.replace('classes: 2', 'classes: 3'))).toEqual([
      expect.stringContaining('2 classes, as its plug-in declares; prototypes has 3'),
    ]);
  });

  it('refuses a metric that is none or is named twice', async () => {
    const wrong = (list: string) => problemsOf(text.replace('  seed: [1]\n', `  seed: [1]\n  metrics: ${list}\n`));
    expect(await wrong('[{part: lab/spred}]')).toEqual([
      expect.stringMatching(/"lab\/spred"; a metric of a plug-in of this sweep; did you mean "lab\/spread"\?$/),
    ]);
    expect(await wrong('[{part: lab/spread}, {part: lab/spread, params: {power: 3}}]')).toEqual([
      expect.stringContaining('another metric than those before it; one sweep has one choice of its parameters'),
    ]);
    expect(await wrong('[{part: lab/spread, params: {power: 0.5}}]')).toEqual([expect.stringContaining('0.5; a whole number')]);
  });

  it('has other cells when the code changes, and the same when comments do', async () => {
    const before = await idsOf();
    await write({
      'attacks.py': `# A comment.\n\n${code.replace('steps, mode):', 'steps, mode):  # why')}`,
      'test_attacks.py': 'x',
    });
    expect(await idsOf()).toEqual(before);
    await write({ 'plugin.yaml': manifest.replace('    norm', '    summary: moves\n    norm') });
    expect(await idsOf()).toEqual(before);
    await write({ 'plugin.yaml': manifest, 'attacks.py': code.replace('batch.images\n', 'batch.images + 0\n') });
    const after = await idsOf();
    // The training without the plug-in, and its evaluations without the plug-in's attack, are the same.
    expect([before.size, [...after].filter((id) => before.has(id)).length]).toEqual([8, 3]);
    await write({ 'attacks.py': code });
    expect(await idsOf()).toEqual(before);
  });

  it('has other cells only where a part is used whose code changes', async () => {
    const apart = { 'plugin.yaml': manifest.replace('attacks.py:total', 'losses.py:total') };
    const losses = 'def total(batch, beta):\n    return batch.logits(batch.images).mean()\n';
    await write({ ...apart, 'losses.py': losses });
    const before = await idsOf();
    const kept = async (): Promise<number> => [...(await idsOf())].filter((id) => before.has(id)).length;
    await write({ 'losses.py': losses.replace('mean', 'sum') });
    const afterLoss = await kept();
    await write({ 'losses.py': losses, 'attacks.py': code.replace('batch.images\n', 'batch.images + 0\n') });
    // Of eight: one training with its three evaluations; both trainings, with two evaluations each.
    expect([before.size, afterLoss, await kept()]).toEqual([8, 4, 6]);
    await write({ 'plugin.yaml': manifest, 'attacks.py': code });
    await rm(at('lab', 'losses.py'));
  });

  it('is refused where it names what its plug-ins have not, with line and column', async () => {
    const wrong = text
      .replace('lab/moved', 'lab/moves')
      .replace('params: {beta: 2}', 'params: {beta: -1, gamma: 1}')
      .replace('kind: fgsm}', 'kind: fgsm, part: lab/moved}');
    expect(await problemsOf(wrong)).toEqual([
      expect.stringMatching(/^\S+:10:\d+ -1; a number of at least 0; $/),
      expect.stringMatching(/^\S+:10:\d+ 1; a parameter of lab\/sum; gamma: choose one of beta$/),
      expect.stringMatching(/^\S+:16:\d+ part: "lab\/moved"; fields of kind fgsm: part belongs to plugin; remove part$/),
      expect.stringMatching(/^\S+:17:\d+ "lab\/moves"; an attack of a plug-in of this sweep; did you mean "lab\/moved"\?$/),
    ]);
    expect(await problemsOf(text.replace('{beta: 2}', '{}'))).toEqual([expect.stringContaining('a number of at least 0')]);
    expect(await problemsOf(text.replace('  plugins: [./lab]\n', ''))).toEqual([
      expect.stringContaining('a loss of a plug-in of this sweep; name its plug-in in spec.plugins'),
      expect.stringContaining('an attack of a plug-in of this sweep; name its plug-in in spec.plugins'),
    ]);
  });

  it('is refused where a plug-in cannot be read', async () => {
    expect(await problemsOf(text.replace('./lab]', './lob]'))).toEqual([
      expect.stringMatching(/^\S+:5:13 .*lob\/plugin\.yaml: no such file; .*; the folder of a plug-in; Paths are relative/),
    ]);
    await cp(at('lab'), at('copy'), { recursive: true });
    expect(await problemsOf(text.replace('./lab]', './lab, ./copy]'))).toEqual([
      expect.stringContaining('two are named lab: remove one of them'),
    ]);
    await expect(load(text.replace('./lab]', `lab@sha256:${'a'.repeat(64)}]`))).rejects.toThrow(
      /a plug-in that was pushed to .*store[\s\S]*ncsweep plugin push FOLDER/,
    );
  });

  it('may name a plug-in in the store by its identity', async () => {
    const plugin = await readPluginFolder(at('lab'));
    const sweep = await load();
    const store = await openStore(at('store'), 'write');
    await storePluginsOf(sweep, store);
    expect(await readStoredArchive(store, plugin.identity)).toEqual(plugin.archive);
    for (const [part, identity] of partIdentities(plugin.archive))
      expect((await readStoredArchive(store, identity))?.manifest.parts.map(partKey)).toEqual([part]);
    const named = await load(text.replace('./lab]', `lab@sha256:${plugin.identity}]`));
    expect(named.grids).toEqual(sweep.grids);
    expect(named.sources).toEqual({});
  });

  it('never stores code that was changed after the sweep was read, or takes other code from a store', async () => {
    const plugin = await readPluginFolder(at('lab'));
    const sweep = await load();
    const store = new MemoryStore();
    await write({ 'attacks.py': `${code}x = 1\n` });
    await expect(storePluginsOf(sweep, store)).rejects.toThrow(/its folder .* changed since the sweep was read/);
    await store.put(keys.plugin(plugin.identity), encodeJson((await readPluginFolder(at('lab'))).archive));
    await write({ 'attacks.py': code });
    await expect(readStoredArchive(store, plugin.identity)).rejects.toThrow(CorruptObjectError);
    expect(decodeArchive(new TextEncoder().encode('{}'), plugin.identity)).toBeUndefined();
  });

  it('is held to the code with which a declared science was first stored', async () => {
    const declared = manifest.replace('    norm: l2', '    norm: l2\n    science: 1');
    await write({ 'plugin.yaml': declared });
    const store = new MemoryStore();
    const before = await idsOf();
    await storePluginsOf(await load(), store);
    await write({ 'attacks.py': code.replace('batch.images\n', 'batch.images + 0\n') });
    const changed = await load();
    await expect(storePluginsOf(changed, store)).rejects.toThrow(
      /plug-in lab: attack moved declares science 1, under which .* has other code\. Remedy: raise its science; or, .*ncsweep verify/,
    );
    // The loss of the same file, which declares none, has other cells.
    expect([...(await idsOf())].filter((id) => before.has(id))).toHaveLength(4);
    await write({ 'plugin.yaml': declared.replace('science: 1', 'science: 2') });
    await storePluginsOf(await load(), store);
    await write({ 'plugin.yaml': manifest, 'attacks.py': code });
  });

  it('is submitted only with plug-ins that can be read, and to a store that is known', async () => {
    vi.stubEnv('NCSWEEP_STORE', undefined);
    await expect(submitSweep(source(text.replace('./lab]', './lob]').replace('seed: [1]', 'seed: [x]')))).rejects.toThrow(
      /5:13[\s\S]*lob\/plugin\.yaml: no such file[\s\S]*seed/,
    );
    await expect(submitSweep(source())).rejects.toThrow(
      /^spec\.plugins: \.\/lab: their code must be in the store of the Sweep.*Remedy: --store s3:\/\/bucket\/prefix/,
    );
    vi.unstubAllEnvs();
  });

  it('runs on backends that run plug-ins', async () => {
    const sweep = await load();
    const asked: string[] = [];
    const machine = {
      ...thisMachine(),
      resolveBackend: (choice: string) => {
        asked.push(choice);
        return choice === 'torch-cuda' ? Promise.reject(new Error('no GPU')) : Promise.resolve(choice as 'wasm');
      },
    };
    expect(await backendFor(sweep, 'auto', machine)).toBe('torch-cpu');
    await expect(backendFor(sweep, 'wasm', machine)).rejects.toThrow(
      'backend wasm does not run plug-ins in Python, and the sweep small uses lab/sum. Remedy: --backend torch-cpu',
    );
    expect(asked).toEqual(['torch-cuda', 'torch-cpu']);
  });
});

describe('a part in TypeScript', () => {
  const step = (field: string): string =>
    `plugin: steps\nparts:\n  - { kind: attack, name: step, ${field}, norm: linf, gradients: 1 }\n`;
  const python = 'python: a.py:step';
  const typescript = 'typescript: a.ts:step';
  const using = (backend: string, loss = ''): string =>
    text
      .replace('plugins: [./lab]', `plugins: [./lab, ./steps]\n  execution: {backend: ${backend}}`)
      .replace('part: lab/moved, params: {steps: 3}', 'part: steps/step')
      .replace(/ {4}- \{name: SUM.*\n/, loss);
  const write2 = (field: string): Promise<unknown> =>
    write({ 'plugin.yaml': step(field), 'a.py': 'def step(batch): pass\n', 'a.ts': 'export const step = 1;\n' }, 'steps');
  const attackOf = async (field: string): Promise<object> => {
    await write2(field);
    return (await load(using('auto'))).grids[0]!.attacks[1]!.params;
  };

  it('says so in ids, and a part in Python alone does not', async () => {
    expect(await attackOf(typescript)).toMatchObject({ part: 'steps/step', languages: ['TypeScript'] });
    expect(await attackOf(`${typescript}, ${python}`)).toMatchObject({ languages: ['Python', 'TypeScript'] });
    expect(await attackOf(python)).not.toHaveProperty('languages');
  });

  it.each([
    [typescript, 'wasm', 'wasm'],
    [`${python}, ${typescript}`, 'torch-cpu', 'torch-cpu'],
    [`${python}, ${typescript}`, 'wasm', 'wasm'],
  ] as const)('%s runs on %s', async (field, choice, backend) => {
    await write2(field);
    const machine = { ...thisMachine(), resolveBackend: (name: string) => Promise.resolve(name as 'wasm') };
    expect(await backendFor(await load(using(choice)), choice, machine)).toBe(backend);
  });

  it('is refused on a backend of another language, and beside a part that only other backends run', async () => {
    await write2(typescript);
    expect(await problemsOf(using('torch-cpu'))).toEqual([
      expect.stringMatching(
        /:6:24 "torch-cpu"; a backend that runs steps\/step in TypeScript; name native-gpu or native-cpu or wasm$/,
      ),
    ]);
    const sum = '    - {name: SUM, loss: plugin, part: lab/sum, params: {beta: 2}}\n';
    expect(await problemsOf(using('auto', sum))).toEqual([
      expect.stringMatching(
        /a backend that runs lab\/sum in Python and steps\/step in TypeScript; no backend runs all of .*two sweeps$/,
      ),
    ]);
  });

  it.each([
    [
      'its function is not in its file',
      'typescript: a.ts:stepp',
      /3:.* "a\.ts:stepp"; a function of a\.ts; define stepp in a\.ts/,
    ],
    ['its file is not in the folder', 'typescript: b.ts:step', /a file of this folder; the folder has a\.ts$/],
    ['it has no code', 'science: 1', /python or typescript: a file and a function/],
  ])('is refused where %s', async (_, field, problem) => {
    await write2(field);
    expect(await problemsOf(using('auto'))).toEqual([expect.stringMatching(problem)]);
  });
});

describe('the example of the documentation', () => {
  it('can be read', async () => {
    const file = fileURLToPath(new URL('../../sweeps/plug-ins/sweep.yaml', import.meta.url));
    expect(await validateSweep(file)).toEqual([]);
  });
});

describe('a plugin.yaml', () => {
  it.each([
    [
      'a field that nobody knows',
      manifest.replace('norm: l2', 'norm: l2\n    steps: 3'),
      /plugin\.yaml:7:5 .*steps.*\n.*\n.*a known field/,
    ],
    [
      'a kind that is none',
      manifest.replace('kind: attack', 'kind: atack'),
      /plugin\.yaml:3:11 .*\n.*"atack"\n.*attack, loss, metric or architecture/,
    ],
    [
      'a name with capitals',
      manifest.replace('plugin: lab', 'plugin: Lab'),
      /plugin\.yaml:1:9 .*\n.*"Lab"\n.*a name of at most 40 lower-case/,
    ],
    ['a file that is not there', manifest.replace('attacks.py:moved', 'attack.py:moved'), /a file of this folder\n.*attacks\.py/],
    ['a function that is not there', manifest.replace('attacks.py:moved', 'attacks.py:move'), /define move in attacks\.py/],
    ['a default out of bounds', manifest.replace('default: 10', 'default: 99'), /99\n.*a whole number from 1 to 50/],
    [
      'a cost that is no integer parameter',
      manifest.replace('[steps, 2]', 'mode'),
      /the name of an integer parameter of this attack/,
    ],
    [
      'two parts of one name',
      `${manifest}  - { kind: loss, name: sum, python: attacks.py:total }\n`,
      /another name than the parts before it/,
    ],
    ['a layer named as another', manifest.replace('name: tokens', 'name: stem'), /another name than the layers before it/],
    ['a size that is no parameter', manifest.replace('[32, width]', '[32, wide]'), /integer parameter of this architecture/],
    ['a metric without a tolerance', manifest.replace('    tolerance: { relative: 0.02 }\n', ''), /tolerance/],
    ['no YAML', 'plugin: [', /plugin\.yaml:/],
  ])('is refused with %s', async (_, changed, message) => {
    await write({ 'plugin.yaml': changed, 'attacks.py': code }, 'wrong');
    const error = await readPluginFolder(at('wrong')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidSweepError);
    expect((error as Error).message).toMatch(message);
  });
});
