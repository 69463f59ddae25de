/** Names for the files and folders of cells that people understand. Pure. */
import type { Cell } from '@ncsweep/catalog/cell';

export interface CellFile {
  readonly cell: Cell;
  /** E.g. "AT-seed-2-epoch-80.safetensors". */
  readonly file: string;
}

const plain = (label: string): string => label.replaceAll(/[^\p{L}\p{N}._+=-]+/gu, '-').replace(/^[.-]+/, '');

/**
 * One name per cell. Where two labels give the same name, including on disks that ignore case, both names carry digits of the
 * cell's id.
 * @param ending of each name
 */
export function cellFiles(cells: readonly Cell[], labelOf: (cell: Cell) => string, ending = ''): CellFile[] {
  const named = cells.map((cell) => ({ cell, name: plain(labelOf(cell)) }));
  const users = Map.groupBy(named, ({ name }) => name.toLowerCase());
  return named.map(({ cell, name }) => {
    const isShared = (users.get(name.toLowerCase())?.length ?? 0) > 1;
    return { cell, file: `${name}${isShared ? `-${cell.cellId.slice(0, 12)}` : ''}${ending}` };
  });
}
