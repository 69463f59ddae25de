import { examples } from '@ncsweep/catalog/language/examples';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { badSpecs, goodSpecs } from '../../testing/corpus/specs.ts';
import { InvalidSweepError, type PlacedProblem } from './problem.ts';
import { checkSweep, readSweep } from './read-sweep.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string, ...set: string[]) => readSweep({ bytes: bytes(text), file: 'sweep.yaml', set });

function refusal(input: Uint8Array, ...set: string[]): InvalidSweepError {
  try {
    readSweep({ bytes: input, file: 'sweep.yaml', set });
  } catch (error) {
    if (error instanceof InvalidSweepError) return error;
    throw error;
  }
  throw new Error('the sweep was accepted');
}

const problems = (text: string, ...set: string[]): readonly PlacedProblem[] => refusal(bytes(text), ...set).problems;
const base = goodSpecs['base']!;

describe('good sweeps', () => {
  it.each(Object.entries(goodSpecs))('%s', (_name, text) => {
    expect(read(text).sweep.name).toBe('corpus');
  });

  it.each([
    ['none', []],
    ['su2023', ['su2023']],
    ['[su2023]', ['su2023']],
    ['[su2023, su2023]', ['su2023']],
  ])('name sets of claims as %s', (claims, expected) => {
    expect(read(goodSpecs['a list of claim sets']!.replace('[su2023]', claims)).sweep.report.claims).toEqual(expected);
  });

  it('have the defaults of the paper', () => {
    const text = base.replaceAll(', epochs: 20', '').replace('{epsilon: 8/255}', '{}').replace(', steps: 10', '');
    const { sweep } = read(text);
    expect(sweep.trainings[0]!.params).toMatchObject({
      loss: 'ce',
      attack: null,
      epochs: 400,
      batchSize: 128,
      learningRate: 0.1,
      momentum: 0.9,
      weightDecay: 0.0005,
      schedule: 'paper',
      batchNorm: 'train',
    });
    const step = { kind: 'absolute', value: '2/255' };
    expect(sweep.trainings[1]!.params).toMatchObject({
      attack: { norm: 'linf', epsilon: '8/255', steps: 10, stepSize: step, randomStart: true },
    });
    expect(sweep.grids[0]!.attacks[0]!.params).toEqual({
      kind: 'pgd',
      norm: 'linf',
      steps: 10,
      restarts: 1,
      randomStart: true,
      objective: 'ce',
      target: 'none',
      stepSize: { kind: 'relative', value: '1/4' },
    });
  });

  it('keep budgets exact, with the labels of a user', () => {
    const { sweep } = read(base.replace('[0, 8/255]', '[0, 16/510, 4/255..16/255 step 4/255]'));
    expect(sweep.grids[0]!.epsilons).toEqual([
      { label: '0', value: '0/1' },
      { label: '16/510', value: '8/255' },
      { label: '4/255', value: '4/255' },
      { label: '12/255', value: '4/85' },
      { label: '16/255', value: '16/255' },
    ]);
  });

  it('give an L2 attack its own step', () => {
    const { sweep } = read(goodSpecs['a budget above 1 for L2']!);
    expect(sweep.grids[0]!.attacks[0]!.params).toMatchObject({ stepSize: { kind: 'relative', value: '15/128' } });
  });

  it('say where a random start lies only where its norm has another default, in evaluation and in training', () => {
    const attackOf = (start: string) => read(base.replace('kind: pgd', `kind: pgd${start}`)).sweep.grids[0]!.attacks[0]!.params;
    const trainingOf = (start: string) =>
      read(base.replace('{epsilon: 8/255}', `{epsilon: 8/255${start}}`)).sweep.trainings[1]!.params;
    for (const paramsOf of [attackOf, trainingOf]) {
      expect(JSON.stringify(paramsOf(''))).not.toContain('"start"');
      expect(paramsOf(', start: ball')).toEqual(paramsOf(''));
      expect(JSON.stringify(paramsOf(', norm: l2'))).not.toContain('"start"');
      expect(paramsOf(', norm: l2, start: direction')).toEqual(paramsOf(', norm: l2'));
      expect(JSON.stringify(paramsOf(', norm: l2, start: ball'))).toContain('"start":"ball"');
    }
  });
});

describe('the examples of the reference', () => {
  const spec = (...names: (keyof typeof examples)[]): Record<string, unknown> =>
    Object.assign({}, ...names.map((name) => parse(examples[name]) as object)) as Record<string, unknown>;
  const problemsIn = (content: object): readonly PlacedProblem[] => {
    const document = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name: 'examples' }, spec: content };
    return checkSweep({ bytes: bytes(JSON.stringify(document)), file: 'examples', set: [] }).problems;
  };
  const whole = spec('dataset', 'architecture', 'training', 'grids', 'execution', 'report', 'spec');

  it('are one valid sweep', () => expect(problemsIn(whole)).toEqual([]));

  it('hold with the attacks of others', () => {
    const training = [...(whole['training'] as object[]), ...(spec('trainingAttack')['training'] as object[])];
    const grids = [...(whole['grids'] as object[]), { name: 'attacks', ...spec('attack'), epsilon: ['8/255'] }];
    expect(problemsIn({ ...whole, training, grids })).toEqual([]);
  });
});

describe('bad sweeps', () => {
  it('are refused with the problems of the golden file', async () => {
    const texts = Object.entries(badSpecs).map(([name, text]) => `## ${name}\n${refusal(bytes(text)).message}\n`);
    expect(texts.length).toBeGreaterThanOrEqual(60);
    await expect(texts.join('\n')).toMatchFileSnapshot('../../testing/corpus/bad-specs.golden.txt');
  });

  it('name a place, and what was expected', () => {
    for (const [name, text] of Object.entries(badSpecs)) {
      for (const problem of problems(text)) {
        expect(problem.line, name).toBeGreaterThan(0);
        expect(problem.column, name).toBeGreaterThan(0);
        expect(problem.expected, name).not.toBe('');
      }
    }
  });

  it('name the field itself when it is unknown, and its value otherwise', () => {
    const [unknown] = problems(badSpecs['a misspelt field in a list']!);
    expect(unknown).toMatchObject({ line: 8, column: 23, remedy: 'did you mean "width"?' });
    const [zero] = problems(badSpecs['a division by zero']!);
    expect(zero).toMatchObject({ line: 19, column: 20, found: '"8/0"', path: ['spec', 'grids', 0, 'epsilon', 1] });
  });

  it.each([
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0xfe, 0x00)],
    ['more than a mebibyte', new Uint8Array((1 << 20) + 1).fill(0x61)],
    ['a mebibyte of brackets', new Uint8Array(1 << 20).fill(0x5b)],
    ['a mebibyte of dashes', bytes('- '.repeat(1 << 19))],
    ['a mebibyte of anchors', bytes('&a '.repeat(340_000))],
    ['a mebibyte of entries', bytes(`seed: [${'1,'.repeat(500_000)}1]`)],
    ['a mebibyte of fields', bytes(Array.from({ length: 80_000 }, (_, i) => `f${i}: 1\n`).join(''))],
  ])(
    '%s',
    (_name, input) => {
      expect(refusal(input).problems.length).toBeGreaterThan(0);
    },
    10_000,
  );
});

describe('whatever is read', () => {
  const survives = (input: Uint8Array): void => {
    try {
      readSweep({ bytes: input, file: 'f', set: [] });
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidSweepError);
    }
  };

  it('is accepted or refused with problems: bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 500 });
  });

  it('is accepted or refused with problems: sweeps with pieces removed, doubled or replaced', () => {
    const piece = fc.constantFrom(
      '',
      '[',
      '{',
      '&a',
      '*a',
      '-1',
      '1e400',
      '8/0',
      'null',
      ': ',
      '\n',
      '"',
      '.nan',
      '1..',
      '!!binary x',
    );
    const edit = fc.tuple(fc.nat(base.length), fc.nat(40), piece);
    const mangled = fc
      .array(edit, { minLength: 1, maxLength: 4 })
      .map((edits) => edits.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), base));
    fc.assert(
      fc.property(mangled, (text) => survives(bytes(text))),
      { numRuns: 1000 },
    );
  });

  it('is accepted or refused with problems: any data in any field', () => {
    const lines = base.split('\n').map((_, i) => i);
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.json(), (line, value) => {
        const text = base.split('\n');
        text[line] = text[line]!.replace(/: .*$|:$/, () => `: ${value}`);
        survives(bytes(text.join('\n')));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('--set', () => {
  it('changes a field, an entry by number or by name, and a whole axis', () => {
    const { sweep } = read(
      base,
      'training[AT].epochs=7',
      'training[0].epochs=5',
      'seed=[4]',
      'spec.execution.parallelism=9',
      'metadata.name=b',
    );
    expect(sweep.trainings.map(({ params }) => (params.kind === 'train' ? params.epochs : 0))).toEqual([5, 7]);
    expect(sweep).toMatchObject({ name: 'b', seeds: [4], execution: { parallelism: 9 } });
  });

  it.each(['epochs', '=3', 'training[TA].epochs=3', 'training[9].epochs=3', 'seed[0][0]=1', 'seed=[', 'sede=1', 'seed=-1'])(
    'refuses %s by name',
    (set) => {
      for (const problem of problems(base, set)) {
        expect(problem.origin).toBe(`--set ${set}`);
        expect(problem.line).toBeUndefined();
      }
    },
  );
});
