import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { natsPermissionsTemplate } from './permissions.ts';

it('the rights in NATS are those of the chart; else run `node scripts/write-schema.ts`', async () => {
  const file = new URL('../../../charts/ncsweep/files/nats-permissions.json', import.meta.url);
  expect(await readFile(file, 'utf8')).toBe(natsPermissionsTemplate());
});
