import { describe, expect, it } from 'vitest';
import {
  deleted,
  deletion,
  kinds,
  minutesAgo,
  notAllowed,
  over,
  remove,
  reported,
  resource,
  seen,
  silent,
  stopped,
} from '../../testing/seen-sweep.ts';
import { decide, type Seen } from './decide.ts';
import { finalizer } from './deletion.ts';

describe('the steps for a Sweep', () => {
  it.each<[string, Partial<Seen>, Seen['stage'], string[]]>([
    [
      'that is deleted with its results, of which there are none',
      { ...stopped(), resource: resource(remove, deleted(1)), deletion: deletion({ location: undefined }) },
      'deleting',
      ['release'],
    ],
    ['whose policy is Delete', { resource: resource(remove), store: silent }, 'waiting', ['set-finalizers']],
    [
      'whose policy was Delete',
      { resource: resource({}, { finalizers: [finalizer] }), store: silent },
      'waiting',
      ['set-finalizers'],
    ],
    [
      'whose policy is Delete and which has its finalizer',
      { resource: resource(remove, { finalizers: [finalizer] }), store: silent },
      'waiting',
      [],
    ],
    [
      'that is over and past its time to live',
      { ...stopped(), resource: reported({ ttlSecondsAfterFinished: 50 }) },
      'over',
      ['delete-sweep'],
    ],
    [
      'that is over, past its time to live, and may have no report',
      { ...stopped(), admission: notAllowed, resource: resource({ ttlSecondsAfterFinished: 50 }, {}, over(1, 'Pending')) },
      'over',
      ['delete-sweep'],
    ],
    [
      'that is over and within its time to live',
      { ...stopped(), resource: reported({ ttlSecondsAfterFinished: 70 }) },
      'over',
      [],
    ],
    ['whose namespace is being deleted: its Jobs go', { stage: 'leaving' }, 'leaving', ['delete-job', 'delete-job', 'let-go']],
    [
      'that is deleted without its results',
      { resource: resource({}, { deletionTimestamp: minutesAgo(0) }) },
      'deleting',
      ['delete-job', 'delete-job', 'let-go'],
    ],
    [
      'that is deleted with its results: its Jobs end first',
      { resource: resource(remove, deleted(1)) },
      'deleting',
      ['delete-job', 'delete-job', 'let-go'],
    ],
    [
      'that is deleted with its results, and has a Job without pods: some may follow',
      { ...stopped(), resource: resource(remove, deleted(1)), jobNames: ['a-train-0'] },
      'deleting',
      ['delete-job'],
    ],
    [
      'that is deleted with its results, and has a pod without its Job',
      { ...stopped(), resource: resource(remove, deleted(1)), hasPods: true },
      'deleting',
      [],
    ],
    [
      'that is deleted with its results, after its Jobs and pods are gone',
      { ...stopped(), resource: resource(remove, deleted(1)) },
      'deleting',
      ['delete-results'],
    ],
    [
      'whose results are being deleted',
      { ...stopped(), resource: resource(remove, deleted(1)), deletion: deletion({ isRunning: true }) },
      'deleting',
      [],
    ],
    [
      'whose results are deleted',
      { ...stopped(), resource: resource(remove, deleted(1)), deletion: deletion({ result: { cells: 2, kept: 1 } }) },
      'deleting',
      ['release'],
    ],
    [
      'whose results could not be deleted within the limit',
      { ...stopped(), resource: resource(remove, deleted(10)) },
      'deleting',
      ['release'],
    ],
    [
      'that is deleted after its policy changed back to Retain',
      { ...stopped(), resource: resource({}, deleted(1)) },
      'deleting',
      ['set-finalizers'],
    ],
  ])('%s', (_, change, stage, expected) => {
    const of = seen(change);
    expect(of.stage).toBe(stage);
    expect(kinds(of)).toEqual(expected);
  });

  it('keep Jobs in sight until their pods are gone if results are deleted after them, and only then', () => {
    const ends = (change: Partial<Seen>) => decide(seen(change)).steps.filter(({ kind }) => kind === 'delete-job');
    const outlives = { kind: 'delete-job', outlivesPods: true };
    const atOnce = expect.not.objectContaining({ outlivesPods: true }) as unknown;
    expect(ends({ resource: resource(remove, deleted(1)) })).toMatchObject([outlives, outlives]);
    expect(ends({ resource: resource({}, deleted(1)) })).toEqual([atOnce, atOnce]);
    expect(ends({ resource: resource({ ...remove, suspend: true }) })).toEqual([atOnce]);
  });

  it('keep the finalizers of others', () => {
    const held = decide(seen({ resource: resource(remove, { finalizers: ['other'] }) })).steps;
    expect(held).toContainEqual({ kind: 'set-finalizers', finalizers: ['other', finalizer] });
    const gone = decide(seen({ resource: resource(remove, deleted(1)), deletion: deletion({ result: { cells: 2, kept: 1 } }) }));
    expect(gone.steps).toContainEqual(
      expect.objectContaining({ kind: 'release', finalizers: ['other'], reason: 'ResultsDeleted' }),
    );
  });

  it('say why results were not deleted in time, and how to remove the rest', () => {
    const late = seen({ resource: resource(remove, deleted(10)), deletion: deletion({ problem: 'no answer' }) });
    const release = decide(late).steps.find(({ kind }) => kind === 'release');
    expect(release).toMatchObject({ type: 'Warning', reason: 'DeletionTimedOut' });
    expect(release).toMatchObject({
      message: expect.stringMatching(/no answer; .*store gc.* removes what is left in s3:\/\/b\/p/) as string,
    });
  });
});
