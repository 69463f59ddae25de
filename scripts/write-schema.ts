/** Writes what is made from the one schema of the sweep language (protocol/spec.ts): the editors' schema and the chart's custom resource. */
import { writeFileSync } from 'node:fs';
import { crdTemplate } from '@ncsweep/protocol/crd';
import { editorSchema } from '@ncsweep/protocol/spec-schema';

const write = (file: string, text: string): void => writeFileSync(new URL(`../${file}`, import.meta.url), text);

write('sweeps/sweep.schema.json', editorSchema());
write('charts/ncsweep/templates/crd.yaml', crdTemplate());
