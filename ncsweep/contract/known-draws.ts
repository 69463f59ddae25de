/** The first numbers of random streams, as bits; made by golden/make.py's generator, which follows the document and not our code. */
import type { ToProgram } from '@ncsweep/protocol/compute/messages';

export interface KnownDraw {
  readonly id: string;
  readonly title: string;
  readonly what: Extract<ToProgram, { type: 'draw' }>['what'];
  readonly seed: number;
  readonly purpose: string;
  readonly index: number;
  /** Of each number, as 8 hexadecimal digits. */
  readonly bits: readonly string[];
}

export const knownDraws: readonly KnownDraw[] = [
  {
    id: 'words',
    title: 'draws Philox words by seed, purpose and index',
    what: 'words',
    seed: 1,
    purpose: 'init/conv1.weight',
    index: 3,
    bits: ['1c2e263d', '15ad108a', '2a2a4ef2', 'f873d3c4', 'a25e3b6f', '53e1d21e'],
  },
  {
    id: 'words-far',
    title: 'draws words of an index above 2^32',
    what: 'words',
    seed: 1,
    purpose: 'far',
    index: 4294967301,
    bits: ['73c6dabc', '02a562a9', '7d8916be', 'a86277dd'],
  },
  {
    id: 'words-seed',
    title: 'draws words of a large seed',
    what: 'words',
    seed: 1099511627777,
    purpose: 'attack/test/noise',
    index: 0,
    bits: ['beea4828', '096740d4', 'c2ba0736', '25b7e207', '1b857fcf'],
  },
  {
    id: 'uniform',
    title: 'draws uniform numbers bit for bit',
    what: 'uniform',
    seed: 7,
    purpose: 'train-attack/12',
    index: 5,
    bits: ['3f1d7235', '3ef46794', '3f5c7ed7', '3dff0430', '3dbd56d0', '3f318084', '3f1d0e2c', '3f74c1bb', '3e0b8564'],
  },
  {
    id: 'normal',
    title: 'draws normal numbers bit for bit',
    what: 'normal',
    seed: 7,
    purpose: 'attack/test/noise',
    index: 5,
    bits: [
      '3e137035',
      'bfb815a3',
      '3f8af176',
      'bf27090b',
      '3d545ccb',
      'bf10ae14',
      '3fe82b44',
      '3f936c69',
      '3e70bea7',
      '3f494032',
      '3f2ab532',
    ],
  },
  {
    id: 'permutation',
    title: 'draws the order of an epoch',
    what: 'permutation',
    seed: 7,
    purpose: 'train/order/3',
    index: 0,
    bits: [
      '00000006',
      '00000004',
      '00000010',
      '0000000e',
      '00000001',
      '0000000c',
      '00000012',
      '0000000b',
      '0000000a',
      '00000007',
      '00000014',
      '00000005',
      '0000000d',
      '00000013',
      '00000015',
      '00000011',
      '00000009',
      '00000000',
      '00000002',
      '00000008',
      '00000016',
      '0000000f',
      '00000003',
    ],
  },
];
