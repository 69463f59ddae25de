import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { expect, it } from 'vitest';
import { checkUse } from './store-checks.ts';

const here = new URL('.', import.meta.url).pathname;

class Overwriting extends MemoryStore {
  override async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    await this.put(key, value);
    return true;
  }
}
class Garbling extends MemoryStore {
  override async get(key: string): Promise<Uint8Array | undefined> {
    const found = await super.get(key);
    if (found !== undefined) found[0] = (found[0] ?? 0) ^ 1;
    return found;
  }
}

it.each<[string, ObjectStore, string, string]>([
  ['overwrites on a conditional put', new Overwriting(), 'conditional put', 'failed'],
  ['garbles what it keeps', new Garbling(), 'content', 'failed'],
  ['has another time', new MemoryStore(() => Date.now() - 3_600_000), 'clock', 'warning'],
])('a store that %s', async (_, store, name, outcome) => {
  const wrong = (await checkUse(store, here)).filter((each) => each.outcome !== 'ok');
  expect(wrong).toMatchObject([{ name, outcome, remedy: expect.stringMatching(/\w/) as string }]);
});
