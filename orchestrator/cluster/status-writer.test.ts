import type { SweepStatus } from '@ncsweep/protocol/status';
import { expect, it } from 'vitest';
import type { SweepResource } from './decide/sweep-resource.ts';
import { StatusWriter } from './status-writer.ts';

const resource: SweepResource = { metadata: { name: 'a', namespace: 'lab', uid: 'u', generation: 1 }, spec: {} };

/** @param statuses one a second @returns the seconds in which something was written */
async function writes(statuses: readonly SweepStatus[]): Promise<number[]> {
  let second = 0;
  const written: number[] = [];
  const cluster = {
    writeStatus: () => Promise.resolve(void written.push(second)),
    tell: () => Promise.resolve(),
  };
  const metrics = { wroteStatus: () => undefined };
  const writer = new StatusWriter({ cluster, metrics, now: () => second * 1000, log: () => undefined });
  for (const status of statuses) {
    await writer.write(resource, status);
    second += 1;
  }
  return written;
}
const running = (done: number): SweepStatus => ({ phase: 'Running', trials: `${done}/9`, conditions: [] });

it('writes progress ever more seldom, and the last of it all the same', async () => {
  const day = await writes(Array.from({ length: 86_400 }, (_, i) => running(Math.min(i, 80_000))));
  expect(day.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
  expect(day.length).toBeLessThan(3000);
  expect(day.at(-1)).toBeGreaterThanOrEqual(80_000);
});

it('writes whatever else changes at once, and nothing twice', async () => {
  const early = Array.from({ length: 3000 }, () => running(1));
  expect(await writes([...early, { ...running(1), phase: 'Complete' }, { ...running(1), phase: 'Complete' }])).toEqual([0, 3000]);
});
