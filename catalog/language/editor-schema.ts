/** The sweep language as JSON Schema, for editors; the custom resource has the same in crd.ts. */
import { z } from 'zod';
import { sweepDocument } from './spec.ts';

/** Text of sweeps/sweep.schema.json. */
export const editorSchema = (): string =>
  `${JSON.stringify({ title: 'ncsweep Sweep', ...z.toJSONSchema(sweepDocument, { io: 'input', target: 'draft-7' }) }, null, 2)}\n`;
