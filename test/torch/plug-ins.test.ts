/** Sweeps with plug-ins in Python, from a folder to results. Needs `make torch`. */
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partKinds } from 'ncsweep/plugins/first-parts';
import { newPlugin } from 'ncsweep/plugins/new-plugin';
import { ncsweep } from '../harness/cli-run.ts';

const example = fileURLToPath(new URL('../../sweeps/plug-ins', import.meta.url));
let folder = '';
const at = (...parts: string[]): string => path.join(folder, ...parts);
const run = (name: string, ...args: string[]) =>
  ncsweep(['run', at('sweep.yaml'), '--workers', '1', '--out', at(name), ...args], {
    environment: { NCSWEEP_STORE: at('store'), KUBECONFIG: at('none') },
  });

async function columnOf(name: string, column: string): Promise<readonly string[]> {
  const [header = '', ...lines] = (await readFile(at(name, 'results.csv'), 'utf8')).trim().split(/\r?\n/);
  return lines.map((line) => line.split(',')[header.split(',').indexOf(column)] ?? '');
}

/** Runs a cell of MI-FGSM again. */
const verify = (...args: string[]) =>
  ncsweep(
    [
      'verify',
      'plug-ins',
      '--where',
      'architecture=resnet',
      'attack=mi10',
      'epsilon=4/255',
      'training=MART',
      '--workers',
      '1',
      ...args,
    ],
    {
      environment: { NCSWEEP_STORE: at('store'), KUBECONFIG: at('none') },
    },
  );

/** Changes a file of the plug-in. */
async function edit(name: string, from: string, to: string): Promise<void> {
  const file = at('robust', name);
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

/** Accuracy and loss of each row by training, attack and epsilon. */
async function results(name: string, of = 'convnet'): Promise<ReadonlyMap<string, string>> {
  const [header = '', ...lines] = (await readFile(at(name, 'results.csv'), 'utf8')).trim().split('\n');
  const columns = header.split(',');
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [columns[i]!, value])));
  return new Map(
    rows
      .filter((row) => row['architecture'] === of)
      .map((row) => [`${row['training']} ${row['attack']} ${row['epsilon']}`, `${row['accuracy']} ${row['loss']}`]),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-plug-ins-'));
  await cp(example, folder, { recursive: true });
  const text = await readFile(at('sweep.yaml'), 'utf8');
  const attacks =
    '        - { name: fgsm, kind: fgsm }\n        - { name: mi1, kind: plugin, part: robust/mi-fgsm, params: { steps: 1 } }\n';
  await writeFile(at('sweep.yaml'), text.replace(/ {8}- \{ name: pgd10.*\n/, attacks));
  await edit('plugin.yaml', 'norm: linf', 'norm: linf\n    science: 1');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a sweep with an attack and a loss in Python', () => {
  it('runs to results: one step of MI-FGSM is FGSM, and more steps are stronger', async () => {
    const { exitCode, stderr } = await run('first');
    expect(exitCode, stderr).toBe(0);
    const rows = await results('first');
    for (const training of ['ST', 'MART'])
      for (const epsilon of ['4/255', '8/255']) {
        expect(rows.get(`${training} mi1 ${epsilon}`), epsilon).toBe(rows.get(`${training} fgsm ${epsilon}`));
        const loss = (attack: string): number => Number(rows.get(`${training} ${attack} ${epsilon}`)!.split(' ')[1]);
        expect(loss('mi10')).toBeGreaterThan(loss('mi1') * 0.999);
      }
    expect(rows.get('MART none 0')).not.toBe(rows.get('ST none 0'));
    const own = await results('first', 'resnet');
    expect([...own.keys()].sort()).toEqual([...rows.keys()].sort());
    for (const training of ['ST', 'MART']) expect(own.get(`${training} mi1 8/255`)).toBe(own.get(`${training} fgsm 8/255`));
    const measured = await columnOf('first', 'geometry/class-cosine');
    expect(measured.length).toBeGreaterThan(20);
    expect(measured.every((value) => value !== '' && Math.abs(Number(value)) <= 1)).toBe(true);
    expect(await readFile(at('first', 'report.md'), 'utf8')).toContain('geometry/class-cosine');
  });

  it('can be verified with the code in the store, and names a cell whose code is lost', async () => {
    const found = await verify();
    expect([found.exitCode, found.stdout], found.stderr).toEqual([0, expect.stringContaining('1 of 1 verified')]);
    await rename(at('store', 'v1', 'plugins'), at('kept'));
    const lost = await verify();
    await rename(at('kept'), at('store', 'v1', 'plugins'));
    expect([lost.exitCode === 0, lost.stdout + lost.stderr]).toEqual([
      false,
      expect.stringMatching(/the plug-in networks is not in .*Remedy: ncsweep plugin push FOLDER/),
    ]);
  });

  it('refuses other code under a declared science until its numbers are found equal, and results name their code', async () => {
    const codes = async (): Promise<(object | undefined)[]> => {
      const names = await readdir(at('store', 'v1', 'results'), { recursive: true });
      const files = names.filter((name) => name.endsWith('.json')).map((name) => at('store', 'v1', 'results', name));
      return Promise.all(files.map(async (file) => (JSON.parse(await readFile(file, 'utf8')) as { code?: object }).code));
    };
    // Two networks, two trainings, two epsilons, two sets of parameters.
    expect((await codes()).filter((code) => code !== undefined)).toHaveLength(16);
    await edit('attacks.py', 'return images', 'return images + 0');
    const refused = await run('refused');
    expect([refused.exitCode === 0, refused.stderr]).toEqual([false, expect.stringMatching(/declares science 1, under which/)]);
    const proven = await verify('--plugin', at('robust'));
    expect(proven.stdout, proven.stderr).toMatch(/1 of 1 verified\n.*has this code for robust\/mi-fgsm from now on/);
    expect((await run('accepted')).exitCode).toBe(0);
  });

  it('computes anew only what changed code touches, and parks what fails with the words of Python', async () => {
    await edit('plugin.yaml', 'science: 1', 'science: 2');
    await edit('attacks.py', 'return images', 'return images.half()');
    const { exitCode, stdout, stderr } = await run('second');
    expect(exitCode, stderr).not.toBe(0);
    expect(stdout + stderr).toMatch(/robust\/mi-fgsm returned torch\.float16 \[\d+, 1, 8, 8\]; expected torch\.float32/);
  });
});

describe('a part in two languages', () => {
  it('is compared with itself: MART is the same in both, MI-FGSM with other steps is not', async () => {
    const twins = at('twins');
    await cp(path.join(example, 'robust'), twins, { recursive: true });
    const rows = async (): Promise<readonly string[]> => {
      const { stdout } = await ncsweep(['plugin', 'test', twins]);
      return stdout.split('\n').filter((line) => line.endsWith('it computes what it computes in TypeScript'));
    };
    const same = await rows();
    expect(same.map((line) => line.split(/\s+/).slice(0, 2))).toEqual([
      ['ok', 'robust/mi-fgsm'],
      ['ok', 'robust/mart'],
    ]);
    const file = path.join(twins, 'attacks.ts');
    await writeFile(file, (await readFile(file, 'utf8')).replace('epsilon / steps', 'epsilon / (2 * steps)'));
    expect((await rows()).map((line) => line.split(/\s+/)[0])).toEqual(['FAIL', 'ok']);
  });
});

describe('a new plug-in', () => {
  it('passes its own tests, and fails them with other code', async () => {
    const { folder: lab } = await newPlugin('lab', { kinds: partKinds, into: folder });
    const good = await ncsweep(['plugin', 'test', lab]);
    expect([good.exitCode, good.stdout], good.stderr).toEqual([
      0,
      expect.stringMatching(/23 of 23 passed: lab@sha256:[0-9a-f]{64}\n$/),
    ]);
    const file = path.join(lab, 'attacks.py');
    await writeFile(file, (await readFile(file, 'utf8')).replace('return images', 'return images + 0.1'));
    const bad = await ncsweep(['plugin', 'test', lab, '-o', 'json']);
    const { rows } = JSON.parse(bad.stdout) as { rows: { check: string; passed: boolean; found: string }[] };
    expect([bad.exitCode, rows.find(({ passed }) => !passed)]).toEqual([
      1,
      expect.objectContaining({
        check: 'images stay within the budget',
        found: expect.stringContaining('lab/steps moved an image') as string,
      }),
    ]);
  });
});
