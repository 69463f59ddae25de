import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { moveByClaim } from './claim.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

/** Moves a value with this text to `file`. */
function create(text: string): boolean {
  writeFileSync(at('value'), text);
  return moveByClaim(at('value'), at('file'), at('claim'));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ncsweep-claim-'));
});

describe('a file that is created by a claim', () => {
  it('has the first value, and leaves nothing beside it', () => {
    expect([create('first'), create('second')]).toEqual([true, false]);
    expect(read('file')).toBe('first');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('has the value of a caller that was killed before it moved it', () => {
    mkdirSync(at('claim'));
    writeFileSync(at('claim/token'), 'of the killed');
    expect(create('mine')).toBe(false);
    expect(read('file')).toBe('of the killed');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('can be created where a caller was killed after it moved its value', () => {
    mkdirSync(at('claim'));
    expect(create('mine')).toBe(true);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('stays what it is beside the claim of a caller that came too late', () => {
    writeFileSync(at('file'), 'first');
    mkdirSync(at('claim'));
    writeFileSync(at('claim/token'), 'late');
    expect(create('mine')).toBe(false);
    expect(read('file')).toBe('first');
    expect(readdirSync(at('claim'))).toEqual(['token']); // its owner removes it
  });

  it('keeps the value where its folder is not there', () => {
    writeFileSync(at('value'), 'kept');
    expect(() => moveByClaim(at('value'), at('absent/file'), at('claim'))).toThrow(/ENOENT/);
    expect(read('value')).toBe('kept');
    expect(readdirSync(folder)).toEqual(['value']);
  });
});
