import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf, type StorePolicy } from './store-policy.ts';

const address = '?endpoint=https://s3.lab&use_path_style=true';
const own = `s3://bucket/prefix${address}`;
const policy: StorePolicy = {
  own,
  separate: false,
  allowed: [
    { location: 's3://vision/sweeps', namespaces: ['vision'], secretName: 'vision-s3' },
    { location: 's3://team-{namespace}/sweeps' },
  ],
};
const place = (namespace: string, location: string | undefined, of: StorePolicy = policy) => {
  const spec = location === undefined ? {} : { storage: { location } };
  return placeOf({ metadata: { name: 'a', namespace, uid: 'u', generation: 1 }, spec }, of);
};
const locationOf = (...args: Parameters<typeof place>): string | undefined => {
  const placed = place(...args);
  return placed.kind === 'allowed' ? placed.store.location : undefined;
};

describe('where a Sweep keeps its results', () => {
  it.each<[string, string, string | undefined, string]>([
    ['the own store, when it says nothing', 'lab', undefined, own],
    ['the own store, by its name', 'lab', own, own],
    ['the own store, by its name without the address', 'lab', 's3://bucket/prefix', own],
    ['a prefix of its namespace', 'lab', 's3://bucket/prefix/namespaces/lab', `s3://bucket/prefix/namespaces/lab${address}`],
    [
      'a prefix below that',
      'lab',
      `s3://bucket/prefix/namespaces/lab/x/y${address}`,
      `s3://bucket/prefix/namespaces/lab/x/y${address}`,
    ],
    ['a store that its namespace is allowed', 'vision', 's3://vision/sweeps', 's3://vision/sweeps'],
    ['a store by the name of its namespace', 'lab', 's3://team-lab/sweeps', 's3://team-lab/sweeps'],
  ])('may be %s', (_, namespace, asked, expected) => {
    expect(locationOf(namespace, asked)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['a folder of the orchestrator', 'lab', '/etc/ncsweep'],
    ['a folder beside it', 'lab', '../x'],
    ['another bucket', 'lab', 's3://other/prefix'],
    ['another prefix', 'lab', 's3://bucket/prefix2'],
    ['a prefix that no namespace has', 'lab', 's3://bucket/prefix/v1'],
    ['the prefix of another namespace', 'lab', 's3://bucket/prefix/namespaces/vision'],
    ['a way out of its own', 'lab', 's3://bucket/prefix/namespaces/lab/../vision'],
    ['a way out in other letters', 'lab', 's3://bucket/prefix/namespaces/lab/%2e%2e/vision'],
    ['another host for the own bucket', 'lab', 's3://bucket/prefix?endpoint=http://evil&use_path_style=true'],
    ['another host for its own prefix', 'lab', 's3://bucket/prefix/namespaces/lab?endpoint=http://evil'],
    ['credentials', 'lab', 's3://key:secret@bucket/prefix'],
    ['the store of another namespace', 'lab', 's3://vision/sweeps'],
    ['the store by the name of another namespace', 'lab', 's3://team-vision/sweeps'],
    ['nothing', 'lab', ''],
  ])('may not be %s', (_, namespace, asked) => {
    expect(place(namespace, asked)).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(
        /^storage\.location: expected s3:\/\/bucket\/prefix or .*, found .*\. Remedy: leave it out/,
      ) as string,
    });
  });

  it('is refused without the names of other tenants', () => {
    const refused = place('lab', 's3://other/x');
    expect(JSON.stringify(refused)).not.toContain('vision');
  });

  it('is the prefix of the namespace alone where namespaces are separate', () => {
    const separate = { ...policy, separate: true };
    const mine = `s3://bucket/prefix/namespaces/lab${address}`;
    expect(locationOf('lab', undefined, separate)).toBe(mine);
    expect(locationOf('lab', mine, separate)).toBe(mine);
    expect(locationOf('lab', own, separate)).toBeUndefined();
  });

  it('comes with the credentials of the store', () => {
    expect(place('vision', 's3://vision/sweeps')).toMatchObject({ store: { secretName: 'vision-s3' } });
    expect(place('vision', undefined)).toEqual({ kind: 'allowed', store: { location: own } });
  });

  it('never leaves what is allowed, whatever is asked', () => {
    const piece = fc.constantFrom(
      's3:',
      '//',
      '/',
      'bucket',
      'prefix',
      'namespaces',
      'lab',
      'vision',
      '..',
      '.',
      '?endpoint=',
      'http://e',
      '%2e',
      '@',
      '#',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const location = locationOf('lab', pieces.join(''));
        if (location === undefined || location === own) return;
        expect(location).toMatch(
          /^s3:\/\/bucket\/prefix\/namespaces\/lab(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\?endpoint=https:\/\/s3\.lab&use_path_style=true$/,
        );
      }),
      { numRuns: 5000 },
    );
  });
});
