import { beforeEach, describe, expect, it } from 'vitest';
import { TaskHolders } from './task-holders.ts';

let nowMs = 0;
let holders: TaskHolders;
beforeEach(() => {
  nowMs = 0;
  holders = new TaskHolders(() => nowMs);
});
const later = (seconds: number): void => void (nowMs += seconds * 1000);

describe('a task that two sweeps want', () => {
  it('is held by the first, and by the other when the first lets go', () => {
    expect(holders.hold('t', 'a')).toBe(true);
    expect(holders.hold('t', 'b')).toBe(false);
    holders.release('t', 'b'); // not its own
    expect(holders.holderOf('t')).toBe('a');
    holders.release('t', 'a');
    expect(holders.hold('t', 'b')).toBe(true);
  });

  it('is lent when the workers of its holder have done nothing for two minutes', () => {
    holders.hold('t', 'a');
    later(119);
    expect(holders.hold('t', 'b')).toBe(false);
    later(1);
    expect(holders.hold('t', 'b')).toBe(true);
    expect(holders.hold('t', 'a')).toBe(false);
    expect(holders.holderOf('t')).toBe('b');
  });

  it('is lent after 15 seconds when it is known that its workers cannot work', () => {
    holders.hold('t', 'a');
    holders.trouble('a', true);
    later(14);
    expect(holders.hold('t', 'b')).toBe(false);
    later(1);
    expect(holders.hold('t', 'b')).toBe(true);
  });

  it('is not lent while one worker of its holder works, whatever others cannot', () => {
    holders.hold('t', 'a');
    holders.trouble('a', true);
    for (let i = 0; i < 30; i += 1) {
      later(10);
      holders.alive('a');
    }
    expect(holders.hold('t', 'b')).toBe(false);
  });

  it('does not go to and fro between two that cannot work, and goes back to the one that can', () => {
    holders.hold('t', 'a');
    holders.trouble('a', true);
    later(15);
    expect(holders.hold('t', 'b')).toBe(true);
    holders.trouble('b', true);
    later(60);
    expect(holders.hold('t', 'a')).toBe(false);
    holders.trouble('a', false);
    holders.alive('a');
    expect(holders.hold('t', 'a')).toBe(true);
    expect(holders.hold('t', 'b')).toBe(false);
  });

  it('goes on to a third sweep when the borrower cannot work either', () => {
    holders.hold('t', 'a');
    later(120);
    holders.hold('t', 'b');
    later(120);
    expect(holders.hold('t', 'c')).toBe(true);
  });

  it('is tried again by the first after five minutes when the borrower cannot work either', () => {
    holders.hold('t', 'a');
    later(120);
    holders.hold('t', 'b');
    later(179);
    expect(holders.hold('t', 'a')).toBe(false);
    later(1);
    expect(holders.hold('t', 'a')).toBe(true);
  });

  it('goes back at once when a person edited the first and the borrower cannot work', () => {
    holders.hold('t', 'a');
    holders.trouble('a', true);
    later(15);
    holders.hold('t', 'b');
    later(120);
    expect(holders.hold('t', 'a')).toBe(false);
    holders.edited('a');
    expect(holders.hold('t', 'a')).toBe(true);
  });

  it('is not lent before its holder had its time, if that has held none for long', () => {
    holders.hold('t', 'a');
    holders.release('t', 'a');
    later(1_000);
    holders.hold('u', 'a');
    expect(holders.hold('u', 'b')).toBe(false);
    later(120);
    expect(holders.hold('u', 'b')).toBe(true);
  });

  it('may be held by a sweep anew that was suspended in between: what was known of its workers is forgotten', () => {
    holders.hold('t', 'a');
    holders.trouble('a', true);
    later(60);
    holders.releaseAll('a');
    expect(holders.hold('t', 'a')).toBe(true);
    expect(holders.hold('t', 'b')).toBe(false);
  });
});
