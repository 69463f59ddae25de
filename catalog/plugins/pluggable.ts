/** The entry of a sweep that names a part of a plug-in: one for each kind of part, named `plugin`. What it may hold is in the manifest. */
import { z } from 'zod';
import type { Part } from '../part.ts';
import { partReference } from './names.ts';

const fields = {
  part: partReference.describe('a part of one of the plug-ins of this sweep, such as "lab/mi-fgsm"'),
  params: z.looseObject({}).optional().describe('parameters of that part, as its plug-in declares them'),
};

/** @param what kind of part, for people */
export const pluggable = (what: string): Part<'plugin', typeof fields> => ({
  name: 'plugin',
  summary: `${what} of a plug-in (docs/plug-ins.md)`,
  fields,
  science: 1,
});
