import { beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker, failuresToOpen, firstCoolDownMs, longestCoolDownMs } from './circuit-breaker.ts';

let nowMs = 0;
let breaker: CircuitBreaker;
beforeEach(() => {
  nowMs = 0;
  breaker = new CircuitBreaker({ now: () => nowMs });
  breaker.succeeded();
});
const later = (ms: number): void => void (nowMs += ms);

describe('a circuit breaker', () => {
  it('begins with a probe', () => {
    expect(new CircuitBreaker({ now: () => nowMs }).state).toBe('half-open');
  });

  it('opens after failures without a success between', () => {
    for (let i = 1; i < failuresToOpen; i += 1) breaker.failed(false);
    breaker.succeeded();
    for (let i = 1; i < failuresToOpen; i += 1) breaker.failed(false);
    expect(breaker.state).toBe('closed');
    breaker.failed(false);
    expect(breaker.state).toBe('open');
  });

  it('opens at once after a failure that says enough', () => {
    breaker.failed(true);
    expect(breaker.state).toBe('open');
  });

  it('lets one probe ask, once it is open', () => {
    expect(breaker.probe()).toBe(false);
    breaker.failed(true);
    expect(breaker.coolDownMs).toBe(firstCoolDownMs);
    later(firstCoolDownMs);
    expect(breaker.coolDownMs).toBe(0);
    expect(breaker.probe()).toBe(true);
    expect(breaker.state).toBe('half-open');
    expect(breaker.probe()).toBe(false);
  });

  it('closes when the probe succeeds, and then opens as slowly as at first', () => {
    breaker.failed(true);
    later(firstCoolDownMs);
    breaker.probe();
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
    breaker.failed(false);
    expect(breaker.state).toBe('closed');
    breaker.failed(true);
    expect(breaker.coolDownMs).toBe(firstCoolDownMs);
  });

  it('cools down twice as long after each probe that fails, up to a bound', () => {
    breaker.failed(true);
    const coolDowns = Array.from({ length: 8 }, () => {
      const coolDownMs = breaker.coolDownMs;
      later(coolDownMs);
      breaker.probe();
      breaker.failed(false);
      return coolDownMs;
    });
    expect(coolDowns.slice(0, 3)).toEqual([firstCoolDownMs, 2 * firstCoolDownMs, 4 * firstCoolDownMs]);
    expect(coolDowns.at(-1)).toBe(longestCoolDownMs);
  });

  it('is not opened for longer by requests of before it opened that fail too', () => {
    for (let i = 0; i < 50; i += 1) breaker.failed(true);
    expect(breaker.coolDownMs).toBe(firstCoolDownMs);
  });
});
