import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UnreachableError } from '@ncsweep/protocol/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryFolder } from './output-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ncsweep-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a folder that is tried', () => {
  it('stays if it was there, and is not there if it was not', () => {
    writeFileSync(path.join(folder, 'kept'), '');
    tryFolder(folder);
    tryFolder(path.join(folder, 'a', 'b'));
    expect(existsSync(path.join(folder, 'kept'))).toBe(true);
    expect(existsSync(path.join(folder, 'a'))).toBe(false);
  });

  it('is refused where it cannot be', () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(() => tryFolder(path.join(folder, 'file', 'below'))).toThrow(UnreachableError);
  });
});
