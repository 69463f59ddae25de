/**
 * Times of ResNet18 on a GPU beside PyTorch eager on the same device: `node bench/gpu/times.ts --out FILE [--python python3]
 * [--library-path FOLDERS] [--dry-run]`. The samples of all take turns; the first of each is dropped, for it compiles and chooses
 * algorithms. FILE is written after each case. --dry-run does less work, on the CPU.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { tell, type Measurement } from '../benchmark.ts';
import { cases as kernelCases, type Case } from '../kernels/cases.ts';
import { ncsweepProgram, torchProgram, Variant, type WorkProgram } from '../kernels/variants.ts';
import { machine } from '../machine.ts';
import type { TimesFile } from './results.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    'library-path': { type: 'string', default: '' },
    commit: { type: 'string', default: 'unknown' },
    'dry-run': { type: 'boolean', default: false },
  },
});
const dryRun = values['dry-run'];
const out = values.out ?? 'times.json';
const samples = dryRun ? 2 : 7;
const largeBatch = 128;

const works = kernelCases.filter(
  ({ label, work }) => label.includes(dryRun ? 'width 16, 32' : 'width 64') && work !== 'evaluation',
);
/** The batches of bench/kernels, which suit two cores, and a larger one. */
const cases: readonly Case[] = (dryRun ? [2] : [undefined, largeBatch]).flatMap((batch) =>
  works.map((the) => ({ ...the, batch: batch ?? the.batch, times: dryRun ? 1 : the.work === 'train step' ? 10 : 3 })),
);

const { NVIDIA_TF32_OVERRIDE: _, ...inherited } = process.env;
const { TF_CUDNN_USE_AUTOTUNE = 'not set' } = inherited;
const library = values['library-path'];
const threads = availableParallelism();

/** @param tf32 whether products may be rounded to TF32 */
function ncsweep(tf32: boolean): WorkProgram {
  const override = tf32 ? {} : { NVIDIA_TF32_OVERRIDE: '0' };
  const environment = { ...inherited, ...override, ...(library === '' ? {} : { LD_LIBRARY_PATH: library }) };
  return { ...ncsweepProgram(dryRun ? 'native-cpu' : 'native-gpu', threads), environment };
}

function pytorch(...settings: readonly string[]): WorkProgram {
  const override = settings.includes('tf32') ? {} : { NVIDIA_TF32_OVERRIDE: '0' };
  return {
    ...torchProgram(values.python, threads, ...(dryRun ? [] : ['cuda']), ...settings),
    environment: { ...inherited, ...override },
  };
}

const titleOf = ({ label, work, batch }: Case): string => `${label}: ${work}, ${batch} images`;

async function sampleCase(the: Case, variants: readonly Variant[], kind: string): Promise<Measurement[]> {
  const taken = new Map(variants.map((variant) => [variant, [] as number[]]));
  for (let turn = 0; turn <= samples; turn++) {
    for (const [variant, milliseconds] of taken) {
      const { wall } = await variant.sample(cases.indexOf(the));
      if (turn > 0) milliseconds.push(wall * 1000);
    }
  }
  const measured: Measurement[] = [];
  for (const [variant, milliseconds] of taken) {
    const { TF32 = 'not asked' } = await variant.facts;
    measured.push({
      case: `${titleOf(the)}, ${kind}`,
      variant: variant.name,
      unit: 'ms',
      samples: milliseconds,
      note: `TF32: ${TF32}`,
    });
    tell(`gpu-kit: ${titleOf(the)}, ${kind}, ${variant.name}: ${milliseconds.map((each) => each.toFixed(1)).join(' ')} ms`);
  }
  return measured;
}

const file: { -readonly [Key in keyof TimesFile]: TimesFile[Key] } = {
  v: 1,
  dryRun,
  name: 'gpu',
  title: 'ResNet18 on a GPU beside PyTorch',
  baseline: 'PyTorch',
  figures: [],
  ranAt: new Date().toISOString(),
  commit: values.commit,
  machine: machine(),
  environment: { TF_CUDNN_USE_AUTOTUNE },
  measurements: [],
  notes: [
    'Milliseconds a piece of work: images go to the device and what comes of them goes back, so that all of it is over when the clock is read.',
    `Median of ${samples}; each took turns with the others and did the work several times.`,
    'PyTorch is eager and not compiled. *Autotuned*: cuDNN tries its algorithms first, as TensorFlow has it do by itself.',
    'The TF32 rows are a fact about the device, not what ncsweep uses: NVIDIA_TF32_OVERRIDE=0 forbids it in all others. A row says what a product and a convolution showed.',
  ],
};

async function measure(kind: string, programs: Readonly<Record<string, WorkProgram>>, which: readonly Case[]): Promise<void> {
  const variants = Object.entries(programs).map(([name, program]) => new Variant(name, 1, program, cases));
  try {
    for (const { facts } of variants) {
      const { TF32: _measured, ...versions } = await facts;
      file.environment = { ...file.environment, ...versions };
    }
    for (const the of which) {
      file.measurements = [...file.measurements, ...(await sampleCase(the, variants, kind))];
      writeFileSync(out, `${JSON.stringify(file, null, 1)}\n`);
    }
  } finally {
    for (const variant of variants) variant.end();
  }
}

const ours = dryRun ? 'native-cpu' : 'native-gpu';
await measure('float32', { PyTorch: pytorch(), 'PyTorch, autotuned': pytorch('autotune'), [ours]: ncsweep(false) }, cases);
const tf32 = { PyTorch: pytorch('tf32'), 'PyTorch, autotuned': pytorch('tf32', 'autotune'), [ours]: ncsweep(true) };
await measure('TF32 allowed', tf32, cases.slice(0, works.length));
