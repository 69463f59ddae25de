import { versionsOfSweep } from '@ncsweep/catalog/sweep-versions';
import { describe, expect, it } from 'vitest';
import { nothingPushed } from '../../planning/spec/pushed-data.ts';
import { admit, type Admitted } from './admit.ts';
import { heldToScience, scienceFacts } from './science.ts';
import type { SweepResource } from './sweep-resource.ts';

const spec = {
  dataset: [{ name: 'prototypes' as const }],
  architecture: [{ name: 'mlp' }],
  training: [{ name: 'ST', epochs: 2 }],
  seed: ['1..2'],
  grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
};
const resource = (scienceVersions?: Readonly<Record<string, number>>, adopted?: string): SweepResource => ({
  metadata: {
    name: 'a',
    namespace: 'lab',
    uid: 'uid',
    generation: 3,
    ...(adopted === undefined ? {} : { annotations: { 'ncsweep.dev/science': adopted } }),
  },
  spec,
  ...(scienceVersions === undefined ? {} : { status: { scienceVersions, trials: '7/20' } }),
});
const admitted = admit(resource(), nothingPushed, { backend: 'wasm', mostCells: 1000 }) as Admitted;
const now = versionsOfSweep(admitted.plan.sweep);

describe('a Sweep', () => {
  it('names the version of every part that it uses, and of no other', () => {
    const parts = ['dataset:prototypes', 'architecture:mlp', 'loss:ce', 'attack:fgsm'];
    expect(Object.keys(now)).toEqual(expect.arrayContaining(['data', 'train', 'metrics', ...parts]));
    expect(Object.keys(now)).not.toContain('attack:pgd');
  });

  it.each<[string, SweepResource]>([
    ['that was never planned', resource()],
    ['whose versions are as they were', resource(now)],
    ['that uses a part which it did not use before', resource({ ...now, 'attack:pgd': 1 })],
    ['whose new version was adopted', resource({ ...now, train: now['train']! - 1 }, `train=${now['train']!}`)],
  ])('%s runs, and keeps to its versions', (_what, of) => {
    expect(heldToScience(of, admitted)).toBe(admitted);
    expect(scienceFacts(of, admitted)).toEqual({ scienceVersions: now });
  });

  const older = { ...now, train: now['train']! - 1, 'attack:fgsm': now['attack:fgsm']! + 1 };

  it.each<[string, string | undefined]>([
    ['nobody adopted it', undefined],
    ['only a part of it was adopted', `train=${now['train']!}`],
    ['another version was adopted', 'attack:fgsm=1,train=99'],
  ])('is held under new science while %s', (_what, adopted) => {
    const held = heldToScience(resource(older, adopted), admitted);
    expect(held).toMatchObject({ kind: 'refused', reason: 'ScienceChanged' });
    const adopt = `kubectl annotate sweep a -n lab --overwrite ncsweep.dev/science='attack:fgsm=1,train=${now['train']!}'`;
    expect((held as { message: string }).message).toContain(adopt);
    expect((held as { message: string }).message).toMatch(
      /planned under attack:fgsm 2, this install computes attack:fgsm 1; train .*7\/20 trials/,
    );
    expect(scienceFacts(resource(older, adopted), held)).toEqual({
      scienceVersions: older,
      scienceOffered: { 'attack:fgsm': 1, train: now['train'] },
    });
  });

  it('keeps its versions while its plan is being made, and when its spec is refused', () => {
    expect(scienceFacts(resource(older), undefined)).toEqual({ scienceVersions: older });
    const refused = { kind: 'refused', reason: 'InvalidSpec', message: '' } as const;
    expect(scienceFacts(resource(older), refused)).toEqual({ scienceVersions: older });
  });
});
