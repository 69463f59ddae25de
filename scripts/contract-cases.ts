/** Prints the tasks whose results ncsweep/contract/golden/make.py computes in float64; their images go to the folder named. */
import process from 'node:process';
import { goldenDocuments } from 'ncsweep/contract/case-tasks';
import { writeCaseData } from 'ncsweep/contract/case-data';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('name a folder for the images');
process.stdout.write(JSON.stringify(goldenDocuments(await writeCaseData(folder))));
