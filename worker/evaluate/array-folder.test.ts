import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { originOf, viewKey, viewsOf } from '@ncsweep/catalog/views';
import { arrayFiles, type ArrayRequest } from '@ncsweep/catalog/cell-arrays';
import { decodeNpy, type NpyArray } from '@ncsweep/protocol/npy';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openTestBackend } from '../testing/test-backend.ts';
import { runPlanned as runTask } from '../testing/run-planned.ts';
import { evaluateTaskOf, MemoryIo, standard, tinyLineage, trainTaskOf } from '../testing/tasks.ts';
import { NpyFile } from './npy-file.ts';

const lineage = tinyLineage(standard);
const { architecture } = lineage;
const views = viewsOf(architecture);
const [count, side] = [30, 8];
const clean: AttackParams = { kind: 'none' };
const pgd: AttackParams = {
  kind: 'pgd',
  norm: 'linf',
  steps: 2,
  stepSize: { kind: 'relative', value: '1/2' },
  restarts: 1,
  randomStart: true,
  objective: 'ce',
  target: 'none',
};
const adaptive: AttackParams = { ...pgd, objective: 'ncc' };

let folder = '';
const trained = new MemoryIo();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ncsweep-arrays-'));
  await openTestBackend();
  await runTask(trainTaskOf(lineage, [4]), trained);
  await runTask(evaluateTaskOf(lineage, 4, clean, ['0/1']), trained);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Evaluates one cell, writing its files if a request is given. */
async function evaluate(attack: AttackParams, request?: Partial<ArrayRequest>) {
  const io = new MemoryIo();
  trained.results.forEach((outcome, id) => io.results.set(id, outcome));
  const task = evaluateTaskOf(lineage, 4, attack, [attack.kind === 'none' ? '0/1' : '8/255']);
  const { cellId } = task.cells[0]!;
  io.results.delete(cellId);
  const place = mkdtempSync(join(folder, 'run-'));
  const all: ArrayRequest = { folder: place, images: views.map(viewKey), features: views.map(viewKey) };
  await runTask(task, io, { arrays: request && { ...all, ...request } });
  const at = (name: string): string => join(place, cellId, name);
  const { artifacts, scalars } = io.results.get(cellId)!;
  return { artifacts, scalars, at, read: (name: string): NpyArray => decodeNpy(readFileSync(at(name)), name) };
}

describe('an evaluation whose arrays are written', () => {
  it.each([clean, { kind: 'fgsm', target: 'next-class' }, pgd, adaptive, { kind: 'sign-noise' }] satisfies AttackParams[])(
    'gives the bytes of one whose arrays are not: %o',
    async (attack) => {
      const [plain, written] = [await evaluate(attack), await evaluate(attack, {})];
      expect(written.artifacts).toEqual(plain.artifacts);
      expect(written.scalars).toEqual(plain.scalars);
    },
  );

  it('measures what lies in the files: one wrong pixel, or one wrong feature, is another result', async () => {
    const plain = await evaluate(pgd);
    const append = NpyFile.prototype.append; // eslint-disable-line @typescript-eslint/unbound-method
    for (const nth of [2, 5, 16]) {
      let call = 0;
      const spy = vi.spyOn(NpyFile.prototype, 'append').mockImplementation(function (
        this: NpyFile<'float32'>,
        values: Float32Array,
      ) {
        const changed = call++ === nth ? values.map((x, i) => (i === 3 ? 1 - x : x)) : values;
        append.call(this, changed);
      });
      const written = await evaluate(pgd, {});
      spy.mockRestore();
      expect(call).toBeGreaterThan(nth);
      expect(written.artifacts).not.toEqual(plain.artifacts);
    }
  });

  it('writes images in the ball, labels, every view and the logits', async () => {
    const [before, after] = [await evaluate(clean, {}), await evaluate(pgd, {})];
    const [images, perturbed] = [before.read(arrayFiles.images()), after.read(arrayFiles.images())];
    expect(perturbed).toMatchObject({ type: 'float32', shape: [count, side, side, 1] });
    const moved = Float32Array.from(perturbed.data as Float32Array, (x, i) => Math.abs(x - (images.data[i] as number)));
    expect(Math.max(...moved)).toBeGreaterThan(7 / 255);
    expect(Math.max(...moved)).toBeLessThanOrEqual(8 / 255 + 6e-8);
    expect(after.read(arrayFiles.labels)).toMatchObject({ type: 'int32', shape: [count] });
    expect(after.read(arrayFiles.logits()).shape).toEqual([count, 3]);
    const [input, last] = [views[0]!, views.at(-1)!];
    expect(after.read(arrayFiles.features(input)).data).toEqual(perturbed.data);
    expect(after.read(arrayFiles.features(last)).data).toEqual(
      after.read(arrayFiles.features(originOf(last, architecture))).data,
    );
    expect(readdirSync(after.at('features')).sort()).toEqual(views.map(({ layer, pooling }) => `${layer}-${pooling}.npy`).sort());
  });

  it('writes images and logits by head, once for views with the same features, where the attack is on each', async () => {
    const { read, at } = await evaluate(adaptive, {});
    const heads = views
      .filter((view) => originOf(view, architecture) === view)
      .map(({ layer, pooling }) => `${layer}-${pooling}.npy`);
    expect(heads).toHaveLength(views.length - 1);
    for (const kind of ['images', 'features', 'logits']) expect(readdirSync(at(kind)).sort(), kind).toEqual([...heads].sort());
    const [first, second] = [read(`images/${heads[0]!}`), read(`images/${heads[4]!}`)];
    expect(first.data).not.toEqual(second.data);
    expect(read(`logits/${heads[0]!}`).shape).toEqual([count, 3]);
  });

  it('writes only what is asked for, and measures no more', async () => {
    const last = [viewKey(views.at(-1)!)];
    const some = await evaluate(pgd, { images: [], features: last });
    expect(readdirSync(some.at('.')).sort()).toEqual(['features', 'images.npy', 'labels.npy', 'logits.npy']);
    expect(readdirSync(some.at('features'))).toEqual(['gap-flatten.npy']);
    expect(some.scalars).toEqual((await evaluate(pgd)).scalars);
    const images = await evaluate(pgd, { features: [] });
    expect(readdirSync(images.at('.')).sort()).toEqual(['images.npy', 'labels.npy']);
    expect(images.artifacts).toEqual((await evaluate(pgd)).artifacts);
    const head = await evaluate(adaptive, { images: ['input/gap'], features: last });
    expect(readdirSync(head.at('images')).sort()).toEqual(['gap-flatten.npy', 'input-gap.npy']);
    expect(readdirSync(head.at('features'))).toEqual(['gap-flatten.npy']);
    const all = await evaluate(adaptive, {});
    expect(head.read('images/gap-flatten.npy')).toEqual(all.read('images/conv3-gap.npy'));
    expect(head.read('features/gap-flatten.npy')).toEqual(all.read('features/conv3-gap.npy'));
  });
});

describe('an .npy file written in batches', () => {
  it('holds its rows, refuses to be finished without all of them, and tells when it became shorter', () => {
    const path = join(folder, 'deep/rows.npy');
    const file = new NpyFile(path, 'float32', [4, 2]);
    file.append(Float32Array.of(1, 2, 3, 4));
    expect(() => file.finish()).toThrow('rows.npy: 2 rows written, 4 expected');
    file.append(Float32Array.of(5, 6, 7, 8));
    file.finish();
    expect(file.read(1, 3)).toEqual(Float32Array.of(3, 4, 5, 6));
    expect(() => file.read(3, 5)).toThrow('became shorter');
    file.close();
    expect(decodeNpy(readFileSync(path), path)).toMatchObject({ shape: [4, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  });
});
