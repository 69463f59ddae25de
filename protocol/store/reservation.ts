/**
 * Creates a file for exactly one caller where the file system has no hard links (exFAT, many FUSE and SMB mounts). A reservation is a
 * folder, named after the file, that holds one value. A rename replaces no folder that is not empty, so only one caller at a time has it:
 *
 *   value → own/TOKEN → (rename of the folder) reservation/TOKEN → (rename of the value) the file
 *
 * A caller that is killed in between leaves a reservation with its value. Whoever finds it finishes it, which is safe: a TOKEN is moved
 * once, and while a reservation holds one and the file does not exist, nobody else can create the file.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../file-trouble.ts';

/** Error codes of link(2) where nothing can be linked. */
const linkless = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];
export const hasNoLinks = (error: unknown): boolean => linkless.includes(codeOf(error));

/** @returns false when the target of the action does not exist or is not empty */
function tried(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) return false;
    throw error;
  }
}

function valuesIn(reservation: string): readonly string[] {
  try {
    return readdirSync(reservation);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Ends our own reservation: the value is moved to its place, or removed if it is too late.
 * @returns whether the value reached its place, no matter who moved it
 * @throws ENOENT when the file's folder does not exist
 */
function finish(reservation: string, token: string, file: string): boolean {
  const value = join(reservation, token);
  const isLate = existsSync(file);
  try {
    if (isLate) unlinkSync(value);
    else renameSync(value, file);
    return !isLate;
  } catch (error) {
    // Another caller has moved it.
    if (codeOf(error) === 'ENOENT' && !existsSync(value)) return true;
    throw error;
  } finally {
    tried(() => rmdirSync(reservation));
  }
}

/** Moves the value of another caller, which may have been killed. A value that is too late is left to its owner, who would think it moved. */
function help(reservation: string, token: string, file: string): void {
  const value = join(reservation, token);
  try {
    if (!existsSync(file)) renameSync(value, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || existsSync(value)) throw error;
  }
  tried(() => rmdirSync(reservation));
}

/** How often the reservation may be neither taken nor free: others come and go, or the file system does not support this. */
const mostTries = 100;

/** Reserves with the folder `own`, and finishes the reservations of others that are in the way. @returns false when the file exists */
function reserved(own: string, reservation: string, file: string): boolean {
  for (let tries = 1; !existsSync(file);) {
    try {
      renameSync(own, reservation);
      return true;
    } catch (error) {
      const [other] = valuesIn(reservation);
      if (other !== undefined) help(reservation, other, file);
      else if (!tried(() => rmdirSync(reservation)) && tries++ === mostTries) throw error;
    }
  }
  return false;
}

/**
 * Moves a complete value to `file` if that does not exist.
 * @param value path of the value, in a folder on the file system of `file`; @param reservation path beside it, the same for all who want this file
 * @returns false when another caller created the file; `value` is removed
 * @throws what the file system throws; `value` is then back where it was
 */
export function moveByReservation(value: string, file: string, reservation: string): boolean {
  const token = randomUUID();
  const own = `${value}.own`;
  mkdirSync(own);
  renameSync(value, join(own, token));
  let holder = own;
  try {
    if (reserved(own, reservation, file)) {
      holder = reservation;
      return finish(reservation, token, file);
    }
    unlinkSync(join(own, token));
    rmdirSync(own);
    return false;
  } catch (error) {
    // Finished by another caller before it could be taken back.
    if (!tried(() => renameSync(join(holder, token), value))) return true;
    tried(() => rmdirSync(holder));
    throw error;
  }
}
