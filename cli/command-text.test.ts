import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandText, sameSweep } from './command-text.ts';

describe('a command as text', () => {
  it('is read by a shell as the words that it was made of', () => {
    const word = fc.string({ unit: 'binary-ascii' }).filter((text) => !text.includes('\0'));
    const read = (line: string): string[] =>
      execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
        .split('\0')
        .slice(0, -1);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        expect(read(commandText(...words))).toEqual(words);
      }),
      { numRuns: 50 },
    );
  });

  it('quotes only what needs it', () => {
    expect(commandText('bin/ncsweep', 'run', 'a.yaml', '--set', 'training[AT].epochs=20')).toBe(
      "bin/ncsweep run a.yaml --set 'training[AT].epochs=20'",
    );
  });

  it('names again what makes a sweep another one', () => {
    const asked = { file: 'a.yaml', set: ['seed=[1,2]'], store: 's3://b/p', backend: 'wasm' };
    expect(sameSweep(asked, '.ncsweep/store').join(' ')).toBe('a.yaml --set seed=[1,2] --store s3://b/p --backend wasm');
    expect(sameSweep({ file: 'a.yaml', set: [], store: '.ncsweep/store' }, '.ncsweep/store')).toEqual(['a.yaml']);
  });
});
