import type { SweepStatus } from '@ncsweep/protocol/status';
import { expect, it } from 'vitest';
import type { SweepResource } from './decide/sweep-resource.ts';
import { StatusWriter } from './status-writer.ts';

const resource: SweepResource = { metadata: { name: 'a', namespace: 'lab', uid: 'u', generation: 1 }, spec: {} };

/** @param statuses one per second @returns the seconds in which something was written */
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

it('warns once of what keeps workers from working, in its words', async () => {
  const told: string[] = [];
  const cluster = {
    writeStatus: () => Promise.resolve(),
    tell: (_: SweepResource, type: string, reason: string, message: string) =>
      Promise.resolve(void told.push(`${type} ${reason} ${message}`)),
  };
  const metrics = { wroteStatus: () => undefined };
  const writer = new StatusWriter({ cluster, metrics, now: () => 0, log: () => undefined });
  const pending = (reason: string, message: string): SweepStatus => ({
    phase: 'Pending',
    reason,
    conditions: [{ type: 'Progressing', status: 'False', reason, message, lastTransitionTime: '', observedGeneration: 1 }],
  });
  await writer.write(resource, pending('NothingReady', 'waits for the store'));
  await writer.write(resource, pending('CannotStart', 'pod a: secret "s3" not found'));
  await writer.write(resource, pending('CannotStart', 'pod b: secret "s3" not found'));
  await writer.write(resource, pending('WaitsForSweep', 'waits'));
  await writer.write(resource, pending('CannotStart', 'pod c: secret "s3" not found'));
  expect(told).toEqual([
    'Normal NothingReady waits for the store',
    'Warning CannotStart pod a: secret "s3" not found',
    'Warning CannotStart pod c: secret "s3" not found',
  ]);
});

it('writes whatever else changes at once, and nothing twice', async () => {
  const early = Array.from({ length: 3000 }, () => running(1));
  expect(await writes([...early, { ...running(1), phase: 'Complete' }, { ...running(1), phase: 'Complete' }])).toEqual([0, 3000]);
});
