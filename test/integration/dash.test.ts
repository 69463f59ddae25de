/** The live page of a run, with real worker processes. */
import path from 'node:path';
import { runSweep } from 'ncsweep/run-sweep';
import type { Changes } from 'ncsweep/dash/state/wire';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../harness/local-run.ts';
import { tinySweep } from '../harness/tiny-sweep.ts';

/** What a browser reads that comes by the address and stays until it is told that all is over. */
async function wholeStream(address: string): Promise<string> {
  const cookie = (await fetch(address)).headers.get('set-cookie')?.split(';')[0] ?? '';
  const stream = await fetch(`${new URL(address).origin}/api/events`, { headers: { cookie } });
  return stream.text();
}

it('tells who works on what and each cell that is committed, then that the run is over', async () => {
  const store = path.join(await temporaryFolder(), 'store');
  let stream: Promise<string> | undefined;
  const run = await runSweep(tinySweep, {
    store,
    workers: 1,
    backend: 'wasm',
    dash: {},
    onEvent: (event) => {
      const [, address] = /the live page of this run: (\S+)/.exec(event.kind === 'note' ? event.text : '') ?? [];
      if (address !== undefined) stream = wholeStream(address);
    },
  });
  const text = (await stream) ?? '';
  const told = [...text.matchAll(/event: changes\nid: .*\ndata: (.*)\n/g)].flatMap(([, data]) => JSON.parse(data!) as Changes[]);
  const states = new Map(told.flatMap(({ cells, states: of }) => cells.map((cell, i) => [cell, of[i]!] as const)));
  expect(run.counts.total).toBe(states.size);
  expect([...states.values()].every((state) => state === 2)).toBe(true);
  expect(told.some(({ live }) => live.workers.some(({ cell }) => cell !== undefined))).toBe(true);
  expect(told.at(-1)?.live.source.kind).toBe('settled');
  expect(text).toMatch(/event: ended\nid: .*\ndata: \{"words":"The run is over\. From now on: ncsweep dash tiny"\}/);
});
