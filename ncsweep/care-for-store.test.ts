import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { NotFoundError } from '@ncsweep/protocol/errors';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkStore, collectGarbage } from './care-for-store.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ncsweep-care-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ['gc', collectGarbage],
  ['fsck', checkStore],
])('%s of a mistyped store says so, and makes none', async (_, care) => {
  const store = path.join(folder, 'typo');
  await expect(care({ store })).rejects.toThrow(NotFoundError);
  expect(existsSync(store)).toBe(false);
});

it('finds nothing in a store without results', async () => {
  const store = path.join(folder, 'store');
  await openStore(store, 'write');
  expect(await checkStore({ store })).toMatchObject({ results: 0, damages: [] });
});
