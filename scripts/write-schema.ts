/** Writes sweeps/sweep.schema.json, the sweep language for editors, from the one schema in protocol/spec.ts. */
import { writeFileSync } from 'node:fs';
import { editorSchema } from '@ncsweep/protocol/spec-schema';

writeFileSync(new URL('../sweeps/sweep.schema.json', import.meta.url), editorSchema());
