/**
 * Train step, PGD-10 and evaluation against PyTorch: `node bench/kernels/run.ts [--cases TEXT] [--variants TEXT] [--samples N]`, each TEXT
 * a part of labels. All processes wait but the one whose turn it is. native-gpu takes part where it is built.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { availableBackends } from '@ncsweep/worker/backend/available-backends';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { cases, type Case } from './cases.ts';
import { ncsweepVariant, torchCpuVariant, torchVariant, type Variant } from './variants.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '' },
    variants: { type: 'string', default: '' },
    samples: { type: 'string', default: '3' },
  },
});
const cores = availableParallelism();
const built = availableBackends();

const offered: readonly (readonly [string, () => Variant])[] = [
  ['PyTorch each', () => torchVariant(cases, cores, 1)],
  ['PyTorch shared', () => torchVariant(cases, 1, cores)],
  ['torch-cpu each', () => torchCpuVariant(cases, cores, 1)],
  ['torch-cpu shared', () => torchCpuVariant(cases, 1, cores)],
  ['native-gpu', () => ncsweepVariant(cases, 'native-gpu', 1, cores)],
  ['native-cpu shared', () => ncsweepVariant(cases, 'native-cpu', 1, cores)],
  ['native-cpu each', () => ncsweepVariant(cases, 'native-cpu', cores, 1)],
  ['wasm', () => ncsweepVariant(cases, 'wasm', 1, 1)],
  ['wasm each', () => ncsweepVariant(cases, 'wasm', cores, 1)],
];
const wanted = offered.filter(
  ([name]) =>
    name.includes(values.variants) && (/^(PyTorch|torch-cpu)/.test(name) || built.some((backend) => name.startsWith(backend))),
);
const variants = wanted.map(([, open]) => open());
const title = ({ label, work, batch }: Case): string => `${label}: ${work}, ${batch} images`;

const measurements: Measurement[] = [];
for (const [index, the] of cases.entries()) {
  if (!title(the).includes(values.cases)) continue;
  const samples = new Map(variants.map(({ name }) => [name, { wall: [] as number[], processor: [] as number[] }]));
  for (let turn = 0; turn < Number(values.samples); turn++) {
    for (const variant of variants) {
      const { wall, processor } = await variant.sample(index);
      const taken = samples.get(variant.name)!;
      taken.wall.push(wall * 1000);
      taken.processor.push(processor * 1000);
    }
  }
  for (const [variant, taken] of samples) {
    measurements.push({ case: title(the), variant, unit: 'ms', samples: taken.wall });
    measurements.push({ case: title(the), variant, unit: 'ms of processor', samples: taken.processor });
    const listed = (ms: readonly number[]): string => ms.map((each) => each.toFixed(1)).join(' ');
    tell(`${title(the)} · ${variant}: ${listed(taken.wall)} ms, of processor ${listed(taken.processor)}`);
  }
}
const facts = await Promise.all(variants.map(({ facts }) => facts));
for (const variant of variants) variant.end();
printRun({
  name: 'kernels',
  title: 'Train step, attack and evaluation against PyTorch',
  baseline: variants[0]!.name,
  environment: Object.assign({}, ...facts) as Record<string, string>,
  measurements,
  notes: [
    'Milliseconds a piece of work. Of several processes side by side: the slowest one’s time divided by their number.',
    'Processor time, of all threads, waiting in a loop included, hardly depends on what else runs on the machine; wall time does.',
  ],
});
