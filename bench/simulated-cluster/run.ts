/**
 * A sweep on 1,000 nodes of 8 GPUs, simulated second by second with the product's own planning, ledger, window and pools: how near the
 * makespan comes to what no schedule can beat, without and with preemptions, and what a pass of the controller costs at that size.
 */
import process from 'node:process';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { spread } from '../statistics.ts';
import { drawDurations, lowerBound, planLarge } from './large-sweep.ts';
import { seeded } from './random.ts';
import { simulate, type Simulation } from './simulate.ts';

const gpus = 8000;
const seeds = 7500;
const minuteMs = 60_000;
const levels = [
  { preemption: 'no preemption', preemptedAfterMs: Infinity },
  { preemption: 'a pod is preempted after 4 h on average', preemptedAfterMs: 240 * minuteMs },
  { preemption: 'a pod is preempted after 30 min on average', preemptedAfterMs: 30 * minuteMs },
];
const bounded = 'lower bound';

const sum = (samples: readonly number[]): number => samples.reduce((total, each) => total + each, 0);
const one = (what: string, variant: string, unit: string, sample: number, note = ''): Measurement => ({
  case: what,
  variant,
  unit,
  samples: [sample],
  note,
});

let startMs = performance.now();
const lapSeconds = (): number => {
  const tookMs = performance.now() - startMs;
  startMs = performance.now();
  return tookMs / 1000;
};
const plan = planLarge(seeds, gpus);
const planSeconds = lapSeconds();
const durations = drawDurations(plan, seeded(1));
const workMs = sum([...durations.values()]);
const { criticalPathMs, sharedWorkMs } = lowerBound(plan, durations, gpus);
const count = (n: number): string => n.toLocaleString('en');
const title = `${count(plan.trainings.length)} trainings and ${count(plan.cells.size - plan.trainings.length)} evaluations on ${count(gpus)} GPUs`;
tell(`${title}: planned in ${planSeconds.toFixed(1)} s`);

function outcomeOf(variant: string, { makespanMs, preemptions, lostMs }: Simulation): Measurement[] {
  const note = preemptions === 0 ? '' : `${count(preemptions)} preemptions; ${count(lostMs / 3_600_000)} GPU hours done again`;
  return [
    one(title, variant, 'min', makespanMs / minuteMs, note),
    one('GPU time until the last result', variant, '% of it that went into results', (100 * workMs) / (gpus * makespanMs)),
  ];
}

/** Of the whole process's memory most is the plan's; the simulator's own part is in it. */
function costOf(variant: string, { passes, makespanMs, openMs, storeReads }: Simulation): Measurement[] {
  const all = passes.engine.map((ms, i) => ms + passes.status[i]! + (passes.pools[i] ?? 0));
  return [
    ...(['engine', 'status'] as const).map((part) =>
      one('a pass, by part', `${part}, mean`, 'ms', sum(passes[part]) / passes[part].length),
    ),
    one('a pass', 'median', 'ms', spread(all).median, variant),
    one('a pass', 'longest', 'ms', spread(all).max, `number ${all.indexOf(spread(all).max) + 1} of ${count(all.length)}`),
    one('a pass', 'share of a processor', '%', (100 * sum(all)) / makespanMs),
    one('a pass', 'mean', 'objects asked of the store', storeReads / all.length),
    one('start of the orchestrator', 'planning', 's', planSeconds),
    one('start of the orchestrator', 'opening, store in memory', 's', openMs / 1000),
  ];
}

const outcomes: Measurement[] = [
  one(
    title,
    bounded,
    'min',
    Math.max(criticalPathMs, sharedWorkMs) / minuteMs,
    criticalPathMs > sharedWorkMs ? 'critical path' : 'all work shared without loss',
  ),
];
let costs: Measurement[] = [];
for (const { preemption, preemptedAfterMs } of levels) {
  const onMinute = (minute: number, done: number): void => {
    if (minute % 5 === 0) tell(`${preemption}: minute ${minute}, ${count(done)} results`);
  };
  const found = await simulate({ plan, durations, gpus, preemptedAfterMs, random: seeded(2), onMinute });
  outcomes.push(...outcomeOf(preemption, found));
  costs = costOf(preemption, found);
}
costs.push(one('memory', 'plan, ledger and simulator', 'MiB at the peak', process.resourceUsage().maxRSS / 1024));
printRun({
  name: 'simulated-cluster',
  title: 'A simulated cluster of 8,000 GPUs',
  baseline: bounded,
  environment: {},
  measurements: [...outcomes.filter(({ unit }) => unit === 'min'), ...outcomes.filter(({ unit }) => unit !== 'min'), ...costs],
  notes: [
    `Bounds: critical path ${(criticalPathMs / minuteMs).toFixed(1)} min, all work shared ${(sharedWorkMs / minuteMs).toFixed(1)} min; pods take 20–60 s to start, which the bounds leave out.`,
  ],
});
