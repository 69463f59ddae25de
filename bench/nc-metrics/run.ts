/** nc1 against dimension: ncsweep's two passes, which give every metric, against NumPy by the pseudo-inverse and by K×K products. */
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { MeansPass } from '@ncsweep/collapse/class-means';
import { MetricsPass } from '@ncsweep/collapse/metrics-pass';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { peerPython } from '../peers/peer-python.ts';

const [samples, classes, turns] = [500, 10, 5];
const dimensions = [64, 256, 1024, 4096, 16_384];
/** The pseudo-inverse of a d×d matrix costs d³: above this it would take minutes, and gigabytes. */
const largestInverse = 1024;

type Timed = readonly [seconds: number, nc1: number];

function ncsweep(dimension: number): Timed {
  const features = new Float32Array(samples * dimension);
  for (let i = 0; i < features.length; i++) features[i] = (Math.imul(i + 1, 0x9e3779b1) >>> 8) * 2 ** -24;
  const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
  labels.forEach((label, i) => (features[i * dimension + label]! += 4));
  const startMs = performance.now();
  const first = new MeansPass(classes, dimension);
  first.add(features, labels);
  const ownMeans = first.finish();
  const second = new MetricsPass({ ownMeans, cleanMeans: ownMeans });
  second.add(features, labels);
  const records = second.finish();
  return [(performance.now() - startMs) / 1000, records.find(({ metric }) => metric === 'nc1')!.value];
}

const python = peerPython('numpy');
const script = new URL('numpy_nc1.py', import.meta.url).pathname;
const numpy =
  (method: 'pinv' | 'gram') =>
  (dimension: number): Timed =>
    JSON.parse(
      execFileSync(python, [script, method, String(samples), String(dimension), String(classes)], { encoding: 'utf8' }),
    ) as Timed;

const variants: readonly (readonly [string, (dimension: number) => Timed, number])[] = [
  ['ncsweep, all metrics', ncsweep, Infinity],
  ['NumPy, nc1 by K×K products', numpy('gram'), Infinity],
  ['NumPy, nc1 by pseudo-inverse', numpy('pinv'), largestInverse],
];

const measurements: Measurement[] = [];
for (const dimension of dimensions) {
  const taking = variants.filter(([, , largest]) => dimension <= largest);
  const taken = taking.map((): Timed[] => []);
  for (let turn = 0; turn < turns; turn++) taking.forEach(([, time], i) => taken[i]!.push(time(dimension)));
  const values = taken.map((each) => each[0]![1]);
  if (values.some((value) => Math.abs(value / values[0]! - 1) > 1e-6)) {
    tell(`FAILED d = ${dimension}: nc1 differs: ${values.join(' ')}`);
    process.exit(1);
  }
  taking.forEach(([variant], i) => {
    const ms = taken[i]!.map(([seconds]) => seconds * 1000);
    measurements.push({
      case: `d = ${dimension.toLocaleString('en')}, N = ${samples}, K = ${classes}`,
      variant,
      unit: 'ms',
      samples: ms,
    });
    tell(`d = ${dimension} · ${variant}: ${ms.map((each) => each.toFixed(1)).join(' ')} ms`);
  });
}
printRun({
  name: 'nc-metrics',
  title: 'Metrics of neural collapse against dimension',
  baseline: 'ncsweep, all metrics',
  environment: { NumPy: execFileSync(python, ['-c', 'import numpy; print(numpy.__version__)'], { encoding: 'utf8' }).trim() },
  measurements,
  notes: [
    `All give the same nc1 to 1e-6. The pseudo-inverse was taken to d = ${largestInverse.toLocaleString('en')} only: its time grows with d³.`,
  ],
});
