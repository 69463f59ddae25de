import { readFile } from 'node:fs/promises';
import { logEvents } from '@ncsweep/orchestrator/cluster/log';
import { expect, it } from 'vitest';

it('documents every event of the orchestrator’s log with its level, and no other', async () => {
  const text = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const table = text.slice(text.indexOf('## Logs'), text.indexOf('## Monitoring'));
  const described = [...table.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, event, level]) => [event, level]);
  expect(described.length).toBeGreaterThan(0);
  expect(described).toEqual(Object.entries(logEvents).map(([event, { level }]) => [event, level]));
});
