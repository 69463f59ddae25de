/**
 * Numbers for the places of a sweep. A place is known by the numbers of its parts, because a sweep may have a million places, and a
 * text for each of them would take more memory than its cell.
 */
import type { Named, Sweep } from '@ncsweep/catalog/sweep';
import { Interner } from './interner.ts';
import { secondNames } from './second-names.ts';
import type { Place, Spot } from './trial.ts';

/** The number of a key; a key that is new gets the next one, by default of this map alone. */
function numberIn<K>(numbers: Map<K, number>, key: K, next: () => number = () => numbers.size): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = next();
    numbers.set(key, number);
  }
  return number;
}

/** More than any epoch of a recipe. */
const epochs = 2 ** 20;

/** Numbers places in the order in which they are asked for, which is the same in every pass over the same sweep. */
export class PlaceNumbers {
  readonly #architectureCount: number;
  readonly #recipeCount: number;
  readonly #attackCount: number;
  readonly #datasets = new Interner();
  readonly #architectures = new Interner();
  readonly #recipes = new Interner();
  readonly #attacks = new Interner();
  readonly #epsilons = new Map<string, number>();
  /** By seed, the numbers of trainings: their other parts are few, so that their combination is a small number. */
  readonly #trainings = new Map<number, Map<number, number>>();
  #trainingCount = 0;
  readonly #nextTraining = (): number => this.#trainingCount++;
  readonly #snapshots = new Map<number, number>();
  /** By snapshot, the numbers of cells. */
  readonly #cells: Map<number, number>[] = [];
  readonly #secondNames: ReadonlySet<Named<unknown>>;
  readonly #aliases = new Map<string, number>();
  #count = 0;
  readonly #nextPlace = (): number => this.#count++;

  constructor(sweep: Sweep) {
    const { architectures, trainings, grids } = sweep;
    this.#architectureCount = architectures.length;
    this.#recipeCount = trainings.length;
    // Clean data count as an attack.
    this.#attackCount = 1 + grids.reduce((n, { attacks }) => n + attacks.length, 0);
    this.#secondNames = secondNames(sweep);
  }

  /** The place of a spot that has a trial. */
  place(spot: Spot): Place {
    const { dataset, architecture, training, seed, epoch, attack, epsilon, split } = spot;
    const trainingNumber = this.#trainingNumber(spot);
    const snapshotNumber = this.#snapshotNumber(trainingNumber, epoch);
    const attackNumber = this.#attacks.number(attack.params);
    const cellNumber = this.#cellNumber(spot, snapshotNumber, attackNumber);
    const alias = this.#aliasOf(spot);
    const number = alias === '' ? cellNumber : this.#numberUnder(alias, cellNumber);
    const numbers = { number, cellNumber, snapshotNumber, trainingNumber, attackNumber };
    return { dataset, architecture, training, seed, epoch, attack, epsilon, split, alias, ...numbers };
  }

  #trainingNumber({ dataset, architecture, training, seed }: Spot): number {
    let ofSeed = this.#trainings.get(seed);
    if (ofSeed === undefined) {
      ofSeed = new Map();
      this.#trainings.set(seed, ofSeed);
    }
    const network =
      this.#datasets.number(dataset.params) * this.#architectureCount + this.#architectures.number(architecture.params);
    const combination = network * this.#recipeCount + this.#recipes.number(training.params);
    return numberIn(ofSeed, combination, this.#nextTraining);
  }

  #snapshotNumber(trainingNumber: number, epoch: number): number {
    const number = numberIn(this.#snapshots, trainingNumber * epochs + epoch);
    if (number === this.#cells.length) this.#cells.push(new Map());
    return number;
  }

  #cellNumber({ split, epsilon }: Spot, snapshotNumber: number, attackNumber: number): number {
    const budget = numberIn(this.#epsilons, epsilon.value);
    const combination = (budget * 2 + (split === 'train' ? 0 : 1)) * this.#attackCount + attackNumber;
    return numberIn(this.#cells[snapshotNumber]!, combination, this.#nextPlace);
  }

  #aliasOf({ dataset, architecture, training, attack }: Spot): string {
    if (this.#secondNames.size === 0) return '';
    const entries = [dataset, architecture, training, attack];
    const areFirst = !entries.some((entry) => this.#secondNames.has(entry));
    return areFirst ? '' : entries.map(({ name }) => `\n${name}`).join('');
  }

  /** A place with an alias shares its cell, but has rows, and so a number, of its own. */
  #numberUnder(alias: string, cellNumber: number): number {
    return numberIn(this.#aliases, `${cellNumber}${alias}`, this.#nextPlace);
  }
}
