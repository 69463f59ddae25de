/** The sweep language as JSON Schema, for editors; crd.ts does the same for the custom resource. */
import { z } from 'zod';
import { sweepDocument } from './spec.ts';

/** Text of sweeps/sweep.schema.json. */
export const editorSchema = (): string =>
  `${JSON.stringify({ title: 'ncsweep Sweep', ...z.toJSONSchema(sweepDocument, { io: 'input', target: 'draft-7' }) }, null, 2)}\n`;
