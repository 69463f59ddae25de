import { describe, expect, it } from 'vitest';
import { keys } from './keys.ts';

const cell = 'ab'.repeat(32);

describe('keys', () => {
  it('no key is a prefix folder of another', () => {
    const all = [
      keys.store,
      keys.data(cell),
      keys.name('cifar10'),
      keys.start(cell, 'A1'),
      keys.end(cell, 'A1'),
      keys.artifact(cell, 'A1', 'weights.safetensors'),
      keys.checkpoint(cell, 12, 'A1', 'manifest.json'),
      keys.result(cell),
      keys.failure(cell),
      keys.conflict(cell, 'A1'),
      keys.roots('uid', 1),
      keys.ledger('uid'),
    ];
    for (const a of all) for (const b of all) if (a !== b) expect(b.startsWith(`${a}/`), `${a} before ${b}`).toBe(false);
  });

  it('checkpoints list in step order', () => {
    const steps = [2, 10, 999, 1000].map((step) => keys.checkpoint(cell, step, 'A1', 'manifest.json'));
    expect([...steps].sort()).toEqual(steps);
  });
});
