import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { moveByReservation } from './reservation.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

/** Moves a value with this text to `file`. */
function create(text: string): boolean {
  writeFileSync(at('value'), text);
  return moveByReservation(at('value'), at('file'), at('reservation'));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ncsweep-reservation-'));
});

describe('a file that is created by a reservation', () => {
  it('has the first value, and leaves nothing beside it', () => {
    expect([create('first'), create('second')]).toEqual([true, false]);
    expect(read('file')).toBe('first');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('has the value of a caller that was killed before it moved it', () => {
    mkdirSync(at('reservation'));
    writeFileSync(at('reservation/token'), 'of the killed');
    expect(create('mine')).toBe(false);
    expect(read('file')).toBe('of the killed');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('can be created where a caller was killed after it moved its value', () => {
    mkdirSync(at('reservation'));
    expect(create('mine')).toBe(true);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('stays what it is beside the reservation of a caller that came too late', () => {
    writeFileSync(at('file'), 'first');
    mkdirSync(at('reservation'));
    writeFileSync(at('reservation/token'), 'late');
    expect(create('mine')).toBe(false);
    expect(read('file')).toBe('first');
    expect(readdirSync(at('reservation'))).toEqual(['token']); // its owner removes it
  });

  it('keeps the value where its folder is not there', () => {
    writeFileSync(at('value'), 'kept');
    expect(() => moveByReservation(at('value'), at('absent/file'), at('reservation'))).toThrow(/ENOENT/);
    expect(read('value')).toBe('kept');
    expect(readdirSync(folder)).toEqual(['value']);
  });
});
