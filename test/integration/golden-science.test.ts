import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { goldenScience } from '../golden/science.ts';
import { ncsweep } from '../harness/cli-run.ts';
import { temporaryFolder } from '../harness/local-run.ts';

const golden = fileURLToPath(new URL('../golden/', import.meta.url));

/** After an intended change of numbers: `vitest run --project integration --update golden-science`. */
it('a small sweep gives the numbers of always, byte for byte', async () => {
  const folder = await temporaryFolder();
  const out = path.join(folder, 'out');
  const run = await ncsweep(['run', path.join(golden, 'small-sweep.yaml'), '--store', path.join(folder, 'store'), '--out', out]);
  expect(run).toMatchObject({ exitCode: 0 });
  const science = goldenScience(out);
  for (const [file, text] of science) await expect(text, file).toMatchFileSnapshot(path.join(golden, 'small-sweep', file));
  const recorded = readdirSync(path.join(golden, 'small-sweep'), { recursive: true, encoding: 'utf8' });
  expect(recorded.filter((name) => name !== 'tables').sort()).toEqual([...science.keys()].sort());
});
