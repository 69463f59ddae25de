/**
 * Writes what is generated from our schemas: the editors' schema and the chart's custom resource and admission policy from the sweep language; tables
 * in the documentation; the worker contract's JSON Schemas; and the rights in NATS that the chart's server and docs/operations.md
 * grant.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { contractSchemas } from '@ncsweep/catalog/contract-schemas';
import { crdTemplate } from '@ncsweep/catalog/language/crd';
import { editorSchema } from '@ncsweep/catalog/language/editor-schema';
import { references, withReference } from '@ncsweep/catalog/language/reference';
import { sweepAdmissionFile } from '@ncsweep/orchestrator/cluster/admission/sweep-admission';
import { computeSchemas } from '@ncsweep/protocol/compute/schemas';
import { natsPermissionsTemplate } from '@ncsweep/protocol/stream/jetstream/permissions';

const at = (file: string): URL => new URL(`../${file}`, import.meta.url);

writeFileSync(at('sweeps/sweep.schema.json'), editorSchema());
writeFileSync(at('charts/ncsweep/templates/crd.yaml'), crdTemplate());
writeFileSync(at('charts/ncsweep/files/sweep-admission.json'), sweepAdmissionFile());
writeFileSync(at('charts/ncsweep/files/nats-permissions.json'), natsPermissionsTemplate());
mkdirSync(at('protocol/schemas'), { recursive: true });
for (const [file, places] of Object.entries(references()))
  for (const [place, text] of Object.entries(places)) {
    const document = readFileSync(at(file), 'utf8');
    writeFileSync(at(file), withReference(document, place, text));
  }
mkdirSync(at('protocol/compute/schemas'), { recursive: true });
for (const [name, text] of computeSchemas()) writeFileSync(at(`protocol/compute/schemas/${name}.schema.json`), text);
for (const [name, text] of contractSchemas()) writeFileSync(at(`protocol/schemas/${name}.schema.json`), text);
