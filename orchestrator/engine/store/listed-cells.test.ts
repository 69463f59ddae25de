import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { sha256 } from '@ncsweep/protocol/canonical';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectInfo } from '@ncsweep/protocol/store/object-store';
import { describe, expect, it } from 'vitest';
import { listedCells } from './listed-cells.ts';

class RemoteStore extends MemoryStore {
  readonly isRemote = true;
  /** Keys that were listed. */
  listed = 0;

  override async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for await (const found of super.list(prefix)) {
      this.listed += 1;
      yield found;
    }
  }
}

const idsOf = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => sha256(`${name} ${i}`));
const asked = { concurrency: 8, signal: undefined };

async function storeOf(cellIds: readonly string[]): Promise<RemoteStore> {
  const store = new RemoteStore();
  for (const cellId of cellIds) await store.put(keys.result(cellId), new Uint8Array());
  return store;
}
const planOf = (cellIds: readonly string[]): ReadonlyMap<string, true> => new Map(cellIds.map((cellId) => [cellId, true]));

describe('listedCells', () => {
  // From one listing to one for each of 256 folders.
  it.each([70, 1500, 17_000])('finds those of %i cells that are there, beside those of others', async (count) => {
    const cells = idsOf('mine', count);
    const there = cells.filter((_, i) => i % 7 === 0);
    const store = await storeOf([...there, ...idsOf('others', 500)]);
    const mayBe = await listedCells(store, keys.results, planOf(cells), asked);
    expect(cells.filter(mayBe)).toEqual(there);
  });

  it('leaves a store of very many others in time, and rules out no cell that it has not come to', async () => {
    const cells = idsOf('mine', 70);
    const there = cells.filter((_, i) => i % 2 === 0);
    const store = await storeOf([...there, ...idsOf('others', 10_000)]);
    const mayBe = await listedCells(store, keys.results, planOf(cells), asked);
    expect(store.listed).toBeLessThan(3000);
    const possible = cells.filter(mayBe);
    expect(possible).toEqual(expect.arrayContaining(there));
    expect(possible.length).toBeLessThan(cells.length);
  });

  it('rules out nothing where asking costs little: in a directory, or of few cells', async () => {
    const cells = idsOf('mine', 70);
    expect(cells.every(await listedCells(new MemoryStore(), keys.results, planOf(cells), asked))).toBe(true);
    const few = cells.slice(0, 3);
    expect(few.every(await listedCells(await storeOf([]), keys.results, planOf(few), asked))).toBe(true);
  });
});
