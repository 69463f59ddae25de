/** The PyTorch program keeps the whole contract of compute programs. Needs `make torch`. */
import { testContract } from 'ncsweep/contract/test-contract';
import { computeProgram } from '@ncsweep/worker/backend/compute-programs';
import { expect, it } from 'vitest';

it('keeps the contract of compute programs, all science included', async () => {
  const rows = await testContract({ command: computeProgram('torch-cpu'), backend: 'torch-cpu' });
  expect(rows.filter(({ passed }) => !passed).map(({ id, found }) => `${id}: ${found}`)).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(77);
});
