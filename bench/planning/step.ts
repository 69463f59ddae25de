/** Plans a sweep and sums it up, in a process of its own, so that the peak of memory is its own: node step.ts SEEDS. Prints JSON. */
import process from 'node:process';
import { z } from 'zod';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { summarize } from '@ncsweep/orchestrator/planning/plan/summary';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { noOpSweep } from '../orchestration/no-op-sweep.ts';

const [seeds] = z.tuple([z.coerce.number()]).parse(process.argv.slice(2));
const { sweep } = readSweep({ bytes: Buffer.from(noOpSweep(seeds, 'one')), file: 'no-op.yaml', set: [] });
const startMs = performance.now();
const before = process.cpuUsage();
const plan = planSweep(sweep, 'wasm', 100);
summarize(plan, { done: new Map(), parked: new Map(), queued: new Set() });
const seconds = (performance.now() - startMs) / 1000;
const { user, system } = process.cpuUsage(before);
const peakMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ cells: plan.cells.size, seconds, cpuSeconds: (user + system) / 1e6, peakMiB })}\n`);
