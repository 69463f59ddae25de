import { describe, expect, it } from 'vitest';
import { defaultWorkers, machineSize, sizeOf } from './machine-size.ts';

describe('the workers of a machine', () => {
  it.each([
    ['one a core', 8, 64e9, 8],
    ['as many as the memory holds', 8, 8e9, 5],
    ['one at least', 1, 0.5e9, 1],
  ])('are %s', (_, cores, bytes, workers) => expect(sizeOf(cores, bytes).workers).toBe(workers));

  it('are those of this machine, and two on a GPU', () => {
    expect(defaultWorkers(false)).toBe(machineSize().workers);
    expect(defaultWorkers(true)).toBe(2);
    expect(machineSize().text).toMatch(/^\d+ cores?, \d+\.\d GB of memory$/);
  });
});
