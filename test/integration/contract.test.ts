import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { testContract } from 'ncsweep/contract/test-contract';
import { describe, expect, it } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';

const program = (file: string): string[] => [process.execPath, fileURLToPath(new URL(file, import.meta.url))];
const failing = async (command: string[]) => {
  const rows = await testContract({ command, backend: 'wasm' });
  return { count: rows.length, failed: rows.filter(({ passed }) => !passed).map(({ id, found }) => `${id}: ${found}`) };
};

describe('the contract of compute programs', () => {
  it('is kept by the program on TensorFlow.js', async () => {
    const { count, failed } = await failing(program('../../worker/compute.ts'));
    expect(failed).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(79);
  });

  it('is broken by a wrong program in exactly the rows where it is wrong', async () => {
    const { failed } = await failing(program('../harness/wrong-compute.ts'));
    // A larger budget alone changes no image where no step reaches it, as in the fourth.
    const images = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((i) => `images-${i}`);
    const momentum = ['step-2', 'step-9', 'step-12'];
    const classes = ['not-finite', 'not-finite-features', 'goes-on'];
    const expected = ['science', 'settled', 'rebatched', ...images, ...momentum, ...classes];
    expect(failed.map((row) => row.split(':')[0]).sort()).toEqual(expected.sort());
  });

  it('is tested by a command, with a table, JSON and an exit code', async () => {
    const some = ['--only', 'hello', '--only', 'science'];
    const right = await ncsweep(['contract', 'test', ...some, '--', ...program('../../worker/compute.ts')]);
    expect(right).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^ok +hello .*\nok +science .*\n2 of 2 passed\n$/) as string,
    });
    const wrong = await ncsweep(['contract', 'test', ...some, '-o', 'json', '--', ...program('../harness/wrong-compute.ts')]);
    expect(wrong.exitCode).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      passed: 1,
      failed: 1,
      rows: [{}, { id: 'science', found: expect.stringContaining('loss:trades') as string }],
    });
    expect(await ncsweep(['contract', 'test'])).toMatchObject({ exitCode: 2 });
    const gone = await ncsweep(['contract', 'test', '--only', 'hello', '--', '/nowhere/program']);
    expect(gone).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('ENOENT') as string });
  });
});
