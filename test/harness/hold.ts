/** Holds the stub's trainings of `stubSeeds.held` halfway, so that a test can act there, however fast or busy the machine is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export class Hold {
  /** Environment of the workers that are held. */
  readonly environment: { readonly NCSWEEP_TEST_HOLD: string };
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'ncsweep-hold-'));

  constructor() {
    this.environment = { NCSWEEP_TEST_HOLD: path.join(this.#folder, 'hold') };
  }

  /** From now on a held training stops after its second step, until `release`, or until its worker is told to stop. */
  begin(): void {
    writeFileSync(this.environment.NCSWEEP_TEST_HOLD, '');
  }

  release(): void {
    rmSync(this.environment.NCSWEEP_TEST_HOLD, { force: true });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
