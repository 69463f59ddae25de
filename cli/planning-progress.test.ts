import { expect, it } from 'vitest';
import { planningProgress } from './planning-progress.ts';

it('says nothing of a plan that is quick, and how far a long one is from the second second on', () => {
  const said: string[] = [];
  let nowMs = 0;
  const tell = planningProgress(
    (text) => said.push(`${nowMs / 1000} s: ${text}`),
    () => nowMs,
  );
  for (let cells = 0; nowMs <= 12_000; nowMs += 500, cells += 10_000) tell(cells);
  expect(said).toEqual([
    '2 s: planning: 40,000 cells so far\n',
    '7 s: planning: 140,000 cells so far\n',
    '12 s: planning: 240,000 cells so far\n',
  ]);
});
