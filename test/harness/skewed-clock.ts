/** Preloaded into a process (`node --import`): its clock is off by NCSWEEP_TEST_CLOCK_SKEW_MS. */
import process from 'node:process';

const RealDate = Date;
const skewMs = Number(process.env['NCSWEEP_TEST_CLOCK_SKEW_MS'] ?? 0);

globalThis.Date = class extends RealDate {
  constructor(...args: [] | ConstructorParameters<typeof RealDate>) {
    if (args.length === 0) super(RealDate.now() + skewMs);
    else super(...args);
  }

  static override now(): number {
    return RealDate.now() + skewMs;
  }
} as DateConstructor;
