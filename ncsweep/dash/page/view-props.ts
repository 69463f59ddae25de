/** What every view is given. */
import type { ClientSweep } from './client-sweep.ts';
import type { Model } from './model.ts';

export interface ViewProps {
  readonly model: Model;
  readonly sweep: ClientSweep;
}
