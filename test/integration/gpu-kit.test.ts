/** `scripts/gpu-kit.sh`: what it does before it reaches a GPU, and that it never computes on a CPU instead. */
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { isAvailable } from '@ncsweep/worker/backend/available-backends';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const script = (name: string): string => path.join(root, 'scripts/gpu-kit', name);

const hasCompiler = spawnSync('cc', ['--version']).status === 0;

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-gpu-kit-test-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]): string => path.join(folder, ...names);

interface End {
  readonly code: number;
  readonly text: string;
}

type Environment = Readonly<Record<string, string>>;

function call(program: string, args: readonly string[], environment: Environment = {}): Promise<End> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, ...environment }, cwd: root }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, text: stdout + stderr });
    });
  });
}

async function succeed(program: string, args: readonly string[], environment?: Environment): Promise<string> {
  const { code, text } = await call(program, args, environment);
  expect(code, text).toBe(0);
  return text;
}

const packing = 'import sys, tarfile\nwith tarfile.open(sys.argv[1], "w:xz") as archive: archive.add(sys.argv[2], "file")';

/** Archives of one file each, with this many incompressible bytes, in pieces of 1,000 bytes. @returns the files' contents */
async function makeKit(sizes: Readonly<Record<string, number>>, facts = {}): Promise<Readonly<Record<string, Buffer>>> {
  const contents: Record<string, Buffer> = {};
  const named: string[] = [];
  let state = 1;
  for (const [name, size] of Object.entries(sizes)) {
    const content = Buffer.alloc(size);
    for (let i = 0; i < size; i++) content[i] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
    contents[name] = content;
    await writeFile(at('file'), content);
    await succeed('python3', ['-c', packing, at(`${name}.tar.xz`), at('file')]);
    named.push(`${name}=${at(`${name}.tar.xz`)}`);
  }
  await succeed('python3', [script('payload.py'), 'cut', at('made'), '1000', JSON.stringify(facts), ...named]);
  return contents;
}

/** A call that carries these pieces and no others. */
async function receive(...pieces: readonly string[]): Promise<End> {
  await rm(at('carried'), { recursive: true, force: true });
  await mkdir(at('carried', 'pieces'), { recursive: true });
  await cp(at('made', 'manifest.json'), at('carried', 'manifest.json'));
  for (const piece of pieces) await cp(at('made', 'pieces', piece), at('carried', 'pieces', piece));
  return call('python3', [script('payload.py'), 'receive', at('carried'), at('kit')]);
}

describe('the pieces of the GPU kit', () => {
  it('are joined in whatever order and however often they come, an archive as soon as all its bytes are there', async () => {
    const contents = await makeKit({ first: 300, second: 3_000 });
    const names = (await readdir(at('made', 'pieces'))).sort();
    expect(names.length).toBeGreaterThan(3);
    const last = names.at(-1)!;
    expect((await receive(last)).text).toContain(`still to come: piece ${names.slice(0, -1).join(', ')}\n`);
    expect((await receive(names[0]!)).text).toContain('first unpacked');
    expect(await readFile(at('kit', 'first', 'file'))).toEqual(contents['first']);
    expect((await receive(names[0]!, last)).code).toBe(0);
    const { text } = await receive(...names.slice(1, -1));
    expect(text).toContain('the kit is whole');
    expect(await readFile(at('kit', 'second', 'file'))).toEqual(contents['second']);
    expect((await receive()).text).toBe('gpu-kit: the kit is whole\n');
  });

  it('that are damaged are refused, and what came before stays', async () => {
    await makeKit({ all: 2_500 });
    await receive('01');
    const bytes = await readFile(at('made', 'pieces', '02'));
    await writeFile(at('made', 'pieces', '02'), bytes.with(500, bytes[500]! ^ 1));
    const { code, text } = await receive('02');
    expect([code, text]).toEqual([1, expect.stringContaining('carry it again')]);
    expect((await receive()).text).toContain('still to come: piece 02, 03\n');
  });

  it('of another kit begin a new one', async () => {
    await makeKit({ all: 1_500 });
    await receive('01', '02');
    const contents = await makeKit({ all: 1_600 });
    expect((await receive('01')).text).toContain('still to come: piece 02\n');
    await receive('02');
    expect(await readFile(at('kit', 'all', 'file'))).toEqual(contents['all']);
  });

  it('never take the place of other files', async () => {
    await makeKit({ all: 10 });
    await mkdir(at('kit'));
    await writeFile(at('kit', 'thesis.tex'), 'years of work');
    expect(await receive('01')).toMatchObject({
      code: 1,
      text: expect.stringContaining('name another folder in GPU_KIT') as string,
    });
    expect(await readdir(at('kit'))).toEqual(['thesis.tex']);
  });
});

interface Found {
  readonly name: string;
  readonly path: string | null;
  readonly from?: string;
  readonly standsIn?: boolean;
  readonly lookedFor?: readonly string[];
  readonly others?: readonly string[];
}

describe('the CUDA libraries', () => {
  const touch = async (...names: string[]): Promise<void> => {
    await mkdir(path.dirname(at(...names)), { recursive: true });
    await writeFile(at(...names), '');
  };

  /** @returns what was found by name, and the folders of LD_LIBRARY_PATH */
  async function find(environment: Environment): Promise<{ found: ReadonlyMap<string, Found>; folders: readonly string[] }> {
    const args = [script('libraries.py'), at('brought'), at('links'), at('report.json')];
    const folders = (await succeed('python3', args, { LD_LIBRARY_PATH: '', ...environment })).trim().split(':');
    const { required, optional } = JSON.parse(await readFile(at('report.json'), 'utf8')) as Record<string, readonly Found[]>;
    return { found: new Map([...required!, ...optional!].map((each) => [each.name, each])), folders };
  }

  it('of CUDA 13 beside PyTorch stand in for those of CUDA 12, under the names that TensorFlow asks for', async () => {
    await touch('brought', 'libcudart.so.12');
    const versions = { cublas: 13, cublasLt: 13, cufft: 12, cusolver: 12, cusparse: 12 };
    for (const [name, version] of Object.entries(versions))
      await touch('site', 'nvidia', 'cu13', 'lib', `lib${name}.so.${version}`);
    await touch('site', 'nvidia', 'cudnn', 'lib', 'libcudnn.so.9');
    const { found, folders } = await find({ PYTHONPATH: at('site') });
    expect(found.get('libcublas.so.12')).toMatchObject({ from: 'PyTorch', standsIn: true });
    expect(found.get('libcusparse.so.12')).toMatchObject({ from: 'PyTorch', standsIn: false });
    expect(found.get('libcudart.so.12')).toMatchObject({ from: 'brought', standsIn: false });
    expect(await readlink(at('links', 'libcufft.so.11'))).toBe(at('site', 'nvidia', 'cu13', 'lib', 'libcufft.so.12'));
    // They look for each other under their own names.
    expect(folders[0]).toBe(at('links'));
    expect(folders).toEqual(expect.arrayContaining([at('site', 'nvidia', 'cu13', 'lib'), at('site', 'nvidia', 'cudnn', 'lib')]));
  });

  it('of CUDA 12 go before those that stand in, wherever they are, and what was brought before all', async () => {
    await touch('site', 'nvidia', 'cu13', 'lib', 'libcublas.so.13');
    await touch('elsewhere', 'libcublas.so.12');
    await touch('site', 'nvidia', 'cufft', 'lib', 'libcufft.so.11');
    await touch('brought', 'libcufft.so.11');
    const { found } = await find({ PYTHONPATH: at('site'), LD_LIBRARY_PATH: at('elsewhere') });
    expect(found.get('libcublas.so.12')).toMatchObject({ path: at('elsewhere', 'libcublas.so.12'), standsIn: false });
    expect(found.get('libcufft.so.11')).toMatchObject({ path: at('brought', 'libcufft.so.11') });
  });

  it('that are missing are named, with what was looked for and which other versions are there', async () => {
    await touch('elsewhere', 'libcudnn.so.8');
    const { found } = await find({ LD_LIBRARY_PATH: at('elsewhere') });
    const missing = {
      name: 'libcudnn.so.9',
      path: null,
      lookedFor: ['libcudnn.so.9'],
      others: [at('elsewhere', 'libcudnn.so.8')],
    };
    const isHere = found.get('libcudnn.so.9')!.path !== null; // on a machine with CUDA
    if (!isHere) expect(found.get('libcudnn.so.9')).toEqual(missing);
    const code = 'import json, sys, cuda\ncuda.check_libraries(json.loads(sys.argv[1]))';
    const { text } = await call('python3', ['-c', code, JSON.stringify({ required: [missing] })], { PYTHONPATH: script('') });
    expect(text).toContain(`libraries that are not on this machine: libcudnn.so.9 (there: ${at('elsewhere', 'libcudnn.so.8')})`);
  });
});

describe('code for GPUs', () => {
  interface Entry {
    readonly kind: 'PTX' | 'ELF';
    readonly architecture: number;
    readonly code: string;
  }

  /** A container as nvcc writes it. */
  function fatbin(entries: readonly Entry[]): Buffer {
    const parts = entries.map(({ kind, architecture, code }) => {
      const header = Buffer.alloc(64);
      header.writeUInt16LE(kind === 'PTX' ? 1 : 2, 0);
      header.writeUInt32LE(header.length, 4);
      header.writeBigUInt64LE(BigInt(code.length), 8);
      header.writeUInt32LE(architecture, 28);
      return Buffer.concat([header, Buffer.from(code)]);
    });
    const head = Buffer.alloc(16);
    head.writeUInt32LE(0xba55ed50, 0);
    head.writeUInt16LE(1, 4);
    head.writeUInt16LE(head.length, 6);
    const body = Buffer.concat(parts);
    head.writeBigUInt64LE(BigInt(body.length), 8);
    return Buffer.concat([head, body]);
  }

  it('of other architectures leaves a library, what stays keeps its place, and nothing else changes', async () => {
    const entry = (kind: Entry['kind'], architecture: number, code = `${kind}-${architecture}`): Entry => ({
      kind,
      architecture,
      code,
    });
    const machine = fatbin([entry('ELF', 80), entry('ELF', 89), entry('ELF', 90), entry('PTX', 90)]);
    const assembly = fatbin([entry('ELF', 80), entry('PTX', 70), entry('PTX', 90)]);
    const none = fatbin([entry('ELF', 70, 'all that there is')]);
    const rest = Buffer.from('text that stays');
    const chance = Buffer.from('50ed55ba01001000ffffffffffffffff', 'hex');
    const library = [Buffer.alloc(64), machine, rest, assembly, chance, none, rest];
    await writeFile(at('library.so'), Buffer.concat(library));
    await succeed('python3', [script('fatbins.py'), at('library.so'), '90']);
    const padded = (container: Buffer, size: number): Buffer => Buffer.concat([container, Buffer.alloc(size - container.length)]);
    const expected = [
      ...[library[0]!, padded(fatbin([entry('ELF', 90)]), machine.length), rest],
      ...[padded(fatbin([entry('PTX', 90)]), assembly.length), chance, none, rest],
    ];
    expect(await readFile(at('library.so'))).toEqual(Buffer.concat(expected));
  });
});

describe.runIf(hasCompiler)('a GPU is asked through CUDA', () => {
  const names = ['libcuda.so.1', 'libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcufft.so.11', 'libcudnn.so.9'];
  const required = names.map((name) => ({
    name,
    path: `/somewhere/${name}`,
    file: name.replace('cublas.so.12', 'cublas.so.13'),
    standsIn: name === 'libcublas.so.12',
  }));

  /** `cuda.py` with a CUDA made for tests. @returns how it ended, and what it wrote */
  async function cuda(args: readonly string[], environment: Environment = {}): Promise<End & { readonly written: unknown }> {
    await succeed('cc', ['-shared', '-fPIC', '-o', at('cuda.so'), path.join(root, 'test/harness/fake-cuda.c')]);
    for (const name of names) await cp(at('cuda.so'), at('libraries', name));
    await writeFile(at('free'), String(2 ** 36));
    await writeFile(at('report.json'), JSON.stringify({ required, optional: [] }));
    const shared = { LD_LIBRARY_PATH: at('libraries'), FAKE_CUDA_FREE: at('free') };
    const end = await call('python3', [script('cuda.py'), ...args], { ...shared, ...environment });
    return { ...end, written: JSON.parse(await readFile(at('out.json'), 'utf8')) };
  }
  const ask = (architecture: string, environment?: Environment) =>
    cuda(['ask', at('out.json'), at('report.json'), architecture], environment);

  it('and what it is and what stands in goes into the record', async () => {
    const { code, text, written } = await ask('90');
    expect(code, text).toBe(0);
    const found = {
      devices: 1,
      'compute capability': '9.0',
      'CUDA of the driver': '13.0',
      'CUDA runtime': '12.5',
      cuBLAS: 130400,
      cuDNN: 91500,
    };
    expect(written).toMatchObject({ dryRun: false, failed: null, found });
    expect(text).toContain('all load; standing in: libcublas.so.13 for libcublas.so.12');
  });

  it.each([
    [
      'a hidden device',
      '90',
      { CUDA_VISIBLE_DEVICES: '' },
      "no CUDA-capable device is detected' (100); CUDA_VISIBLE_DEVICES is ''",
    ],
    ['a product that is wrong', '90', { FAKE_CUDA_WRONG: '1' }, 'cublasSgemm gives'],
    ['a device that the kit has no code for', '80', {}, 'prepare with --arch 90'],
  ])('and %s ends it', async (_, architecture, environment: Environment, said) => {
    const { code, text, written } = await ask(architecture, environment);
    expect([code, text]).toEqual([1, expect.stringContaining(`THE GPU IS NOT USED: `)]);
    expect(written).toMatchObject({ failed: expect.stringContaining(said) as string });
  });

  /** A program that says it holds 1,024 MiB, and takes that much of the device's memory. */
  const holder = (mebibytes: number): string => `import sys
with open(sys.argv[1], 'w') as free: free.write(str(2**36 - ${mebibytes} * 2**20))
print('{"heldMiB": 1024, "tf32": "no"}', flush=True)
sys.stdin.read()`;
  const watch = (program: string) => cuda(['watch', at('out.json'), 'python3', '-c', program, at('free')]);

  it('and lost the memory that TensorFlow holds, or it is not what computes', async () => {
    expect(await watch(holder(1300))).toMatchObject({
      code: 0,
      written: { failed: null, found: { takenMiB: 1300, tf32: 'no' } },
    });
    const { code, text } = await watch(holder(3));
    expect([code, text]).toEqual([1, expect.stringContaining('only 3 MiB less: it computes on the CPU')]);
  });

  it('and a TensorFlow that ends without a word is a failure', async () => {
    expect(await watch('raise SystemExit(3)')).toMatchObject({
      code: 1,
      written: { failed: expect.stringContaining('ended (3)') as string },
    });
  });
});

describe('without a GPU', () => {
  const hidden = { CUDA_VISIBLE_DEVICES: '' };

  it('the kit says that none can be used, and goes no further', async () => {
    await makeKit({ cuda: 10, node: 10, reference: 10, tensorflow: 10 }, { architecture: '90', commit: 'abc' });
    await receive(...(await readdir(at('made', 'pieces'))));
    await mkdir(at('kit', 'node', 'node_modules'));
    const run = (...stages: readonly string[]): Promise<End> =>
      call(path.join(root, 'scripts/gpu-kit.sh'), ['run', ...stages], { ...hidden, GPU_KIT: at('kit'), OUT: at('out') });
    expect(await run('cuda')).toMatchObject({ code: 1, text: expect.stringContaining('== cuda: FAILED') as string });
    const { code, text } = await run();
    expect(code, text).toBe(1);
    expect(text).toMatch(/THE GPU IS NOT USED: .+\n/);
    expect(text).not.toContain('== numbers ==');
    expect(JSON.parse(await readFile(at('out', 'cuda.json'), 'utf8'))).toMatchObject({
      dryRun: false,
      failed: expect.any(String) as string,
    });
  });

  it('a kit whose pieces did not all come says so', async () => {
    await makeKit({ cuda: 10, node: 2_000 }, { architecture: '90', commit: 'abc' });
    await receive('01');
    const { code, text } = await call(path.join(root, 'scripts/gpu-kit.sh'), ['run', 'times'], {
      GPU_KIT: at('kit'),
      OUT: at('out'),
    });
    expect([code, text]).toEqual([1, expect.stringContaining('carry the pieces that `receive` names as missing')]);
  });

  it.runIf(isAvailable('native-cpu'))('native-gpu does not compute on the CPU', async () => {
    // tfjs-node's binding stands in for tfjs-node-gpu's: TensorFlow for CPUs never finds a GPU.
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) => next(name.replace('/tfjs-node-gpu', '/tfjs-node'), context) });`;
    const program = `import { openBackend } from '${path.join(root, 'worker/backend/backend.ts')}';
      await openBackend('native-gpu', { threads: 1 });`;
    const hooked = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
    const { code, text } = await call(process.execPath, [...hooked, '--input-type=module', '-e', program], hidden);
    expect([code, text]).toEqual([1, expect.stringContaining('found no GPU and would compute on the CPU')]);
  });

  it('a dry run has no place among results', async () => {
    await writeFile(at('device.json'), JSON.stringify({ v: 1, dryRun: true, failed: null, found: { tf32: 'no' } }));
    const table = (...args: string[]): Promise<End> => call(process.execPath, [path.join(root, 'bench/gpu/table.ts'), ...args]);
    expect(await table(folder)).toMatchObject({ code: 2, text: expect.stringContaining('a dry run on a CPU') as string });
    expect(await table('--to', folder, folder)).toMatchObject({ code: 0 });
    expect(await readFile(at('RESULTS.md'), 'utf8')).toContain('DRY RUN ON CPU, not a GPU result');
  });
});
