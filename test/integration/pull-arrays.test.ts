/** `ncsweep pull --what images,features`: our numbers can be recomputed from the arrays, with our tool, by hand and with NumPy. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 } from '@ncsweep/protocol/canonical';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { decodeNpy, encodeNpy, type NpyArray } from '@ncsweep/protocol/npy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, resultsCsv, writeTinySweep } from '../harness/cli-run.ts';
import { forgeMetric, storedResult } from '../harness/forged-result.ts';
import { numpyPython } from '../harness/numpy.ts';

let folder = '';
const store = (): string => path.join(folder, 'store');
const out = (): string => path.join(folder, 'pulled');
const call = (...args: string[]) =>
  ncsweep(args, {
    environment: { NCSWEEP_STORE: store(), KUBECONFIG: path.join(folder, 'none'), TMPDIR: path.join(folder, 'temporary') },
  });

/** A convolutional network, whose last layer is a pool; also adaptive attacks. */
const change = (text: string): string =>
  text
    .replace('{name: mlp, width: 4, depth: 1}', '{name: convnet, width: 4, depth: 2}')
    .replace('classes: 2, trainPerClass: 16', 'classes: 3, trainPerClass: 16')
    .replace('epoch: [3, last]', 'epoch: [last]')
    .replace('{name: fgsm, kind: fgsm}', '{name: fgsm, kind: fgsm}, {name: adaptive, kind: pgd, steps: 2, objective: ncc}');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-arrays-test-'));
  await mkdir(path.join(folder, 'temporary'));
  const run = await call('run', await writeTinySweep(folder, change), '--out', path.join(folder, 'report'));
  expect(run.exitCode, run.stderr).toBe(0);
  const pulled = await call('pull', 'tiny', '--what', 'images,features', '--out', out());
  expect(pulled.exitCode, pulled.stderr).toBe(0);
  expect(pulled.stdout).toContain('arrays of 6 evaluations, each with its cell.json: 6 equal');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface CellJson {
  readonly cellId: string;
  readonly at: Readonly<Record<string, string>>;
  readonly attackTiming?: string;
  readonly check: { readonly verdict: string; readonly compared: number };
  readonly inputs: { readonly snapshot: string; readonly clean?: string };
  readonly views: readonly {
    readonly layer: string;
    readonly pooling: string;
    readonly images: string;
    readonly features: string;
    readonly logits: string;
  }[];
  readonly files: readonly { readonly file: string; readonly shape: readonly number[]; readonly sha256: string }[];
}

const at = (cell: string, file: string): string => path.join(out(), 'arrays', cell, file);
const cellJson = async (cell: string): Promise<CellJson> => JSON.parse(await readFile(at(cell, 'cell.json'), 'utf8')) as CellJson;
const read = async (cell: string, file: string): Promise<NpyArray> => decodeNpy(await readFile(at(cell, file)), file);
const numbers = async (cell: string, file: string): Promise<readonly number[]> =>
  Array.from((await read(cell, file)).data, Number);
const cells = (): Promise<string[]> => readdir(path.join(out(), 'arrays'));

/** Rows of results.csv as objects. */
async function results(): Promise<readonly Readonly<Record<string, string>>[]> {
  const [head = '', ...lines] = (await resultsCsv(path.join(folder, 'report'))).trim().split('\r\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i]!, value])));
}

const argmax = (row: readonly number[]): number => row.indexOf(Math.max(...row));
const rowsOf = (values: readonly number[], width: number): readonly number[][] =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));

/** Class means [K][d]. */
function meansOf(features: readonly number[][], labels: readonly number[]): number[][] {
  return [0, 1, 2].map((c) => {
    const own = features.filter((_, i) => labels[i] === c);
    return own[0]!.map((_, j) => own.reduce((sum, h) => sum + h[j]!, 0) / own.length);
  });
}

const distance = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, j) => sum + (x - b[j]!) ** 2, 0);

async function expectMetrics(cell: string, clean: string): Promise<number> {
  const { cellId, views } = await cellJson(cell);
  const logits = rowsOf(await numbers(cell, 'logits.npy'), 3);
  const predictions = path.join(folder, 'predictions.npy');
  await writeFile(predictions, encodeNpy({ type: 'int32', shape: [logits.length], data: Int32Array.from(logits, argmax) }));
  let compared = 0;
  for (const { layer, pooling, features } of views) {
    const reference = ['--features', at(clean, features), '--labels', at(clean, 'labels.npy'), '--predictions', predictions];
    const perturbed = cell === clean ? [] : ['--perturbed-features', at(cell, features)];
    const { stdout, stderr } = await call('collapse', ...reference, ...perturbed, '-o', 'json');
    const output = JSON.parse(stdout || stderr) as Record<string, Record<string, number>>;
    const found = output[cell === clean ? 'clean' : 'perturbed']!;
    const rows = (await results()).filter((row) => row['cellId'] === cellId && row['labels'] === 'given');
    const row = rows.find((each) => each['layer'] === layer && each['pooling'] === pooling)!;
    for (const [name, value] of Object.entries(found)) {
      if (typeof value !== 'number') continue;
      expect(value, `${cell} ${layer} ${pooling} ${name}`).toBe(Number(row[name]));
      compared += 1;
    }
  }
  return compared;
}

describe('ncsweep pull --what images,features', () => {
  it('gives arrays from which collapse prints the very numbers of results.csv', async () => {
    const clean = 'ST-seed-1-epoch-6-clean-train';
    for (const cell of [clean, 'ST-seed-1-epoch-6-fgsm-8-255-train'])
      expect(await expectMetrics(cell, clean)).toBeGreaterThan(7 * 15);
  });

  it('gives images in the ball around the clean ones, in the same order, and the logits that were judged', async () => {
    const rows = await results();
    const [clean, cell] = ['ST-seed-1-epoch-6-clean-train', 'ST-seed-1-epoch-6-fgsm-8-255-train'];
    const [labels, logits] = [await numbers(cell, 'labels.npy'), rowsOf(await numbers(cell, 'logits.npy'), 3)];
    const [before, after] = [await numbers(clean, 'images.npy'), await numbers(cell, 'images.npy')];
    expect(await read(cell, 'images.npy')).toMatchObject({ type: 'float32', shape: [48, 8, 8, 1] });
    expect(labels).toEqual(await numbers(clean, 'labels.npy'));
    const moved = after.map((x, i) => Math.abs(x - before[i]!));
    expect(Math.max(...moved)).toBeLessThanOrEqual(8 / 255 + 6e-8);
    expect(moved.filter((by) => by > 7.9 / 255).length).toBeGreaterThan(moved.length / 3);
    expect(after.every((x) => x >= 0 && x <= 1)).toBe(true);
    const right = logits.filter((row, i) => argmax(row) === labels[i]).length / labels.length;
    const loss = logits.reduce((sum, row, i) => sum + Math.log(row.reduce((a, z) => a + Math.exp(z), 0)) - row[labels[i]!]!, 0);
    const { cellId, attackTiming, inputs } = await cellJson(cell);
    const row = rows.find((each) => each['cellId'] === cellId)!;
    expect(right).toBe(Number(row['accuracy']));
    expect(loss / labels.length).toBeCloseTo(Number(row['loss']), 5);
    expect([attackTiming, inputs.clean]).toEqual(['fresh', (await cellJson(clean)).cellId]);
    expect((await cellJson(clean)).attackTiming).toBeUndefined();
  });

  it('gives images of every head that an adaptive attack was made against', async () => {
    const rows = await results();
    const [clean, cell] = ['AT-seed-1-epoch-6-clean-train', 'AT-seed-1-epoch-6-adaptive-8-255-train'];
    const { cellId, views } = await cellJson(cell);
    const labels = await numbers(cell, 'labels.npy');
    const pixels = await numbers(clean, 'images.npy');
    expect(new Set(views.map(({ images }) => images)).size).toBe(6); // the last layer pools the one before it
    for (const { layer, pooling, images, features, logits } of views) {
      const row = rows.find((each) => each['cellId'] === cellId && each['layer'] === layer && each['pooling'] === pooling)!;
      const [made, h] = [await numbers(cell, images), await read(cell, features)];
      expect(Math.max(...made.map((x, i) => Math.abs(x - pixels[i]!)))).toBeLessThanOrEqual(8 / 255 + 6e-8);
      const means = meansOf(rowsOf(await numbers(clean, `features/${layer}-${pooling}.npy`), h.shape[1]!), labels);
      const nearest = rowsOf(Array.from(h.data, Number), h.shape[1]!).map((x) => argmax(means.map((mu) => -distance(x, mu))));
      const share = (answers: readonly number[]): number => answers.filter((c, i) => c === labels[i]).length / labels.length;
      const judged = Number(row['adaptive_ncc_accuracy']);
      expect(Math.abs(share(nearest) - judged), `${layer} ${pooling}`).toBeLessThanOrEqual(1 / labels.length);
      expect(share(rowsOf(await numbers(cell, logits), 3).map(argmax))).toBe(judged);
    }
  });

  it('describes each file, and brings again only what is not as it was', async () => {
    const all = await cells();
    expect(all).toHaveLength(6);
    for (const cell of all)
      for (const { file, shape, sha256: digest } of (await cellJson(cell)).files) {
        expect((await read(cell, file)).shape).toEqual(shape);
        expect(sha256(await readFile(at(cell, file)))).toBe(digest);
      }
    const damaged = at('AT-seed-1-epoch-6-clean-train', 'features/conv1-gap.npy');
    const before = await readFile(damaged);
    await appendFile(damaged, 'x');
    const again = await call('pull', 'tiny', '--what', 'features', '--out', out());
    expect(again.stdout).toContain('5 there already, 1 equal');
    expect(await readFile(damaged)).toEqual(before);
    expect(await readdir(path.join(folder, 'temporary'))).toEqual([]);
  });

  it('says of each perturbed cell, in provenance.json and for readers of tables, how its attack was timed', async () => {
    const provenance = JSON.parse(await readFile(path.join(folder, 'report/provenance.json'), 'utf8')) as {
      readonly cells: readonly {
        readonly kind: string;
        readonly attackTiming?: string;
        readonly params: { attack?: { kind: string } };
      }[];
    };
    const timings = provenance.cells.map(({ params, attackTiming }) => [params.attack?.kind ?? 'none', attackTiming]);
    expect(timings.filter(([kind, timing]) => (kind !== 'none') !== (timing === 'fresh'))).toEqual([]);
    expect(timings.filter(([, timing]) => timing === 'fresh')).toHaveLength(4);
    const dictionary = await readFile(path.join(folder, 'report/data-dictionary.md'), 'utf8');
    expect(dictionary).toContain('Perturbed evaluations in these files: 4 fresh.');
  });
});

describe('what pull --what images,features brings', () => {
  const target = 'ST-seed-1-epoch-6-fgsm-8-255-train';
  const only = ['--where', 'training=ST', 'attack=fgsm'];

  it('is nothing, loudly, when the stored result is not what the weights give', async () => {
    const restore = await forgeMetric(store(), (await cellJson(target)).cellId, 'nc1', 1e-9);
    const elsewhere = path.join(folder, 'forged');
    const { exitCode, stdout } = await call('pull', 'tiny', '--what', 'images', ...only, '--out', elsewhere);
    expect([exitCode, stdout]).toEqual([
      3,
      expect.stringMatching(/have no arrays:\n.*fgsm 8\/255 train {2}1 numbers differ; nc1 /),
    ]);
    expect(await readdir(path.join(elsewhere, 'arrays'))).toEqual([]);
    await restore();
  });

  it('is within tolerance, and says so, where equality is not promised', async () => {
    const { at: resultAt, result } = await storedResult(store(), (await cellJson(target)).cellId);
    const before = await readFile(resultAt);
    await writeFile(resultAt, encodeJson({ ...result, numerics: { ...result.numerics, device: 'another CPU' } }));
    const restore = await forgeMetric(store(), result.cellId, 'nc1', 1e-9);
    const { exitCode, stdout } = await call('pull', 'tiny', '--what', 'images', ...only, '--out', path.join(folder, 'other'));
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('1 within tolerance')]);
    await restore();
    await writeFile(resultAt, before);
  });

  it('is narrowed by layer, and stays when more is brought', async () => {
    const some = path.join(folder, 'some');
    const files = async (): Promise<string[]> => (await readdir(path.join(some, 'arrays', target), { recursive: true })).sort();
    const last = await call('pull', 'tiny', '--what', 'features', ...only, 'layer=gap', '--out', some);
    expect(last.exitCode, last.stderr).toBe(0);
    const features = ['cell.json', 'features', 'features/gap-flatten.npy', 'labels.npy', 'logits.npy'];
    expect(await files()).toEqual(features);
    const images = await call('pull', 'tiny', '--what', 'images', ...only, '--out', some);
    expect(images.exitCode, images.stderr).toBe(0);
    expect(await files()).toEqual([...features, 'images.npy'].sort());
    expect(await readFile(path.join(some, 'arrays', target, 'images.npy'))).toEqual(await readFile(at(target, 'images.npy')));
  });

  it.each([
    [2, /6 evaluations, about \d+ kB of arrays: more than --most 2 .*--where.*or --most 6/, ['--most', '2']],
    [2, /more than --most-gb 0\.0001\. Remedy/, ['--most-gb', '0.0001']],
    [2, /--most: expected a whole number from 1/, ['--most', 'many']],
    [2, /no layers of the sweep have "gapp"; did you mean "gap"\?/, ['--where', 'layer=gapp']],
    [2, /no evaluation of the sweep matches all of these/, ['--where', 'attack=none', 'epsilon=8/255']],
    [2, /no layer is measured under that pooling/, ['--where', 'layer=gap', 'pooling=gap']],
  ])('is bounded: exits with %d and says %s', async (code, said, args) => {
    const nowhere = path.join(folder, 'nowhere');
    const { exitCode, stderr } = await call('pull', 'tiny', '--what', 'images', '--out', nowhere, ...args);
    expect([exitCode, stderr]).toEqual([code, expect.stringMatching(said)]);
    await expect(readdir(nowhere)).rejects.toThrow('ENOENT');
  });
});

describe('the NumPy lines of docs/cli.md', () => {
  it('give nc1 and accuracy of the last layer', async (context) => {
    const python = numpyPython();
    if (python === undefined) {
      console.warn('SKIPPED: no python3 with NumPy, and none could be installed: the lines of docs/cli.md are not tried');
      context.skip();
    }
    const docs = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
    const [, lines = ''] = /```python\n(.*?)```/s.exec(docs) ?? [];
    expect(lines.trim().split('\n').length).toBeLessThanOrEqual(10);
    const script = path.join(folder, 'check.py');
    await writeFile(script, lines);
    const rows = await results();
    for (const cell of (await cells()).filter((name) => !name.includes('adaptive'))) {
      const { cellId } = await cellJson(cell);
      const row = rows.find((each) => each['cellId'] === cellId && each['layer'] === 'gap' && each['labels'] === 'given')!;
      const printed = execFileSync(python!, [script, path.join(out(), 'arrays', cell)], { encoding: 'utf8' });
      const [, nc1, accuracy] = /^nc1 (\S+) accuracy (\S+)\n$/.exec(printed) ?? [];
      expect(Number(nc1) / Number(row['nc1'])).toBeCloseTo(1, 6);
      expect(Number(accuracy)).toBeCloseTo(Number(row['accuracy']), 12);
    }
  });
});
