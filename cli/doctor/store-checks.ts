/** Whether a store is usable: it is reachable, accepts writes and conditional puts, returns what was written, and its clock agrees. */
import { randomBytes, randomUUID } from 'node:crypto';
import { keys } from '@ncsweep/protocol/keys';
import { NewerStoreError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { honoursConditionalPut, openStore, storeAt } from '@ncsweep/protocol/store/open-store';
import { checkStoreBoundary } from './boundary-checks.ts';
import { failed, ok, warning, wordsOf, type Finding } from './check.ts';

const probeBytes = 1 << 20;
/** Beyond this skew, expiry times of attempts contradict the ages of objects in the store. */
const mostSkewMs = 60_000;

export async function checkStore(location: string): Promise<Finding[]> {
  try {
    const store = await storeAt(location);
    await store.head(keys.store);
    return [ok('store', `${store.location} answers`), ...(await checkUse(store, location)), await checkStoreBoundary(location)];
  } catch (error) {
    return [failed('store', wordsOf(error), 'name it with --store, and give its credentials as the message says')];
  }
}

/** @param location to be opened */
export async function checkUse(store: ObjectStore, location: string): Promise<Finding[]> {
  try {
    const conditional = (await honoursConditionalPut(store))
      ? ok('conditional put', 'If-None-Match: * is honoured')
      : failed(
          'conditional put',
          'a second writer overwrote the first',
          'use a service that honours If-None-Match: *, which commits results',
        );
    return [conditional, ...(await checkContent(store)), ...(await checkFormat(location))];
  } catch (error) {
    return [failed('store rights', wordsOf(error), 'the credentials need get, put, delete and list on the prefix')];
  }
}

async function checkContent(store: ObjectStore): Promise<Finding[]> {
  const key = `v1/probe/${randomUUID()}`;
  const written = randomBytes(probeBytes);
  await store.put(key, written);
  const [found, head] = [await store.get(key), await store.head(key)];
  await store.delete(key);
  const skewMs = Math.abs(Date.now() - (head?.modifiedMs ?? 0));
  return [
    found !== undefined && Buffer.compare(found, written) === 0
      ? ok('content', 'reads return what was written')
      : failed(
          'content',
          'reads do not return what was written',
          'something between here and the store changes bodies: a proxy, or the service',
        ),
    skewMs <= mostSkewMs
      ? ok('clock', 'this machine and the store agree')
      : warning(
          'clock',
          `this machine and the store differ by ${Math.round(skewMs / 1000)} s`,
          'set the clock of this machine (NTP)',
        ),
  ];
}

async function checkFormat(location: string): Promise<Finding[]> {
  try {
    await openStore(location, 'read');
    return [ok('format', 'known to this ncsweep')];
  } catch (error) {
    if (error instanceof NewerStoreError) return [failed('format', error.message, 'update ncsweep, or use another prefix')];
    throw error;
  }
}
