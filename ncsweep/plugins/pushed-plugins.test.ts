import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SweepDocument } from '@ncsweep/catalog/language/spec';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CorruptObjectError } from '../errors.ts';
import { readNamedPlugins } from './named-plugins.ts';
import { newPlugin } from './new-plugin.ts';
import { withPushedPlugins } from './pushed-document.ts';
import { listPlugins, pushPlugin, showPlugin } from './pushed-plugins.ts';

let folder = '';
const at = (...parts: string[]): string => path.join(folder, ...parts);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-pushed-'));
  for (const name of ['lab', 'lob']) await newPlugin(name, { into: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('plug-ins in a store', () => {
  const store = (): { readonly store: string } => ({ store: at('store') });

  it('are pushed once, listed, and shown with their code', async () => {
    const lab = await pushPlugin(at('lab'), store());
    const lob = await pushPlugin(at('lob'), store());
    expect([lab.isNew, (await pushPlugin(at('lab'), store())).isNew]).toEqual([true, false]);
    expect((await listPlugins(store())).map(({ reference }) => reference)).toEqual([lab.reference, lob.reference].sort());
    const identity = lab.reference.split(':')[1]!;
    for (const wanted of ['lab', lab.reference, `lab@sha256:${identity.slice(0, 12)}`, identity.slice(0, 12)])
      expect(await showPlugin(wanted, store()), wanted).toMatchObject({
        reference: lab.reference,
        files: { 'attacks.py': expect.stringContaining('def steps_of_equal_size') as string },
      });
    await expect(showPlugin('la', store())).rejects.toThrow(/plug-in la: not in .*ncsweep plugin list/);
  });

  it('that have the same name are told apart by their identities', async () => {
    await writeFile(at('lab', 'helpers.py'), 'x = 1\n');
    await pushPlugin(at('lab'), store());
    await expect(showPlugin('lab', store())).rejects.toThrow(/2 match\. Remedy: name one of lab@sha256:\w+, lab@sha256:/);
  });

  it('are not taken for pushed where something else is stored under their identity', async () => {
    const { reference } = await pushPlugin(at('lob'), store());
    await writeFile(at('store', 'v1', 'plugins', `${reference.split(':')[1]}.json`), '{}');
    await expect(pushPlugin(at('lob'), store())).rejects.toThrow(CorruptObjectError);
    expect((await listPlugins(store())).map((each) => each.reference)).not.toContain(reference);
  });
});

describe('a sweep that is submitted', () => {
  const document = {
    metadata: { name: 's' },
    spec: { plugins: ['./lab', `far@sha256:${'a'.repeat(64)}`] },
  } as unknown as SweepDocument;
  const problem = (): never => {
    throw new Error('refused');
  };
  const named = () => readNamedPlugins([{ reference: './lab', stored: undefined, problem }], folder, undefined, problem);

  it('names by identity what its store got from its folders, and leaves other names as they are', async () => {
    const open = () => openStore(at('there'), 'write');
    const { spec } = await withPushedPlugins(document, await named(), open);
    const [{ reference } = { reference: '' }] = await listPlugins({ store: at('there') });
    expect(spec.plugins).toEqual([reference, `far@sha256:${'a'.repeat(64)}`]);
  });

  it('is left as it is, and opens no store, when it names no folders', async () => {
    const none = await readNamedPlugins([], folder, undefined, problem);
    expect(await withPushedPlugins(document, none, problem)).toBe(document);
  });
});
