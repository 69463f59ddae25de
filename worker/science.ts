/** What this program computes, with the version of each definition (docs/compute-protocol.md "Science"). */
import { pluginScience, wholeScience, type Science } from '@ncsweep/catalog/compute/science';

const { 'plugin:attack': attack, 'plugin:loss': loss } = pluginScience;

export const tensorFlowScience: Science = { ...wholeScience(), 'plugin:attack': attack, 'plugin:loss': loss };
