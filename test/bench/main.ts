import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from '../../src/features/session.js';
import { findingsOf } from '../../src/features/findings.js';
import { hostPaths } from '../../src/features/host-paths.js';
import { hoverAt } from '../../src/features/hover.js';
import { generateMesh, type GeneratedFile } from './generate.js';

/*
 * How fast it is, as numbers to read, not to pass: `npm run bench [-- SIZE...]`. Each size runs in a process of its own, so that
 * memory is its own; where istioctl is on PATH, `istioctl analyze` on the same files in the same run gives the ratio.
 */

const SIZES = [1_000, 10_000, 50_000];
const REPEATS = 30;

const sizes = process.argv.slice(2).map(Number).filter(Boolean);
if (process.env['BENCH_SIZE']) measure(Number(process.env['BENCH_SIZE']));
else runAll(sizes.length > 0 ? sizes : SIZES);

function runAll(all: readonly number[]): void {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  for (const size of all) {
    const args = ['--expose-gc', ...process.execArgv, process.argv[1]!];
    execFileSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, BENCH_SIZE: String(size) } });
  }
}

function measure(size: number): void {
  const files = generateMesh(size);
  const before = usedMemory();
  const session = new Session();
  const [index] = timed(() => {
    for (const it of files) session.setFile(uriOf(it), it.text);
    return session.snapshot.resources.length;
  });
  const [check, findings] = timed(() => findingsOf(session));
  const cold = index + check;
  const memory = usedMemory() - before;

  const applications = files.filter((it) => it.name.includes('/app-'));
  const target = applications[Math.floor(applications.length / 2)]!;
  const edits = repeat((round) => {
    session.setFile(uriOf(target), target.text.replace('weight: 90', `weight: ${80 + (round % 10)}`));
    return findingsOf(session);
  });
  session.setFile(uriOf(target), target.text);
  const offset = target.text.indexOf('prefix: /api');
  const hovers = repeat((round) => {
    touch(session, applications, round);
    void session.snapshot;
    return () => hoverAt(session, uriOf(target), offset);
  });
  const name = /name: (app-\d+)/.exec(target.text)![1]!;
  const namespace = /namespace: (\S+)/.exec(target.text)![1]!;
  const traces = repeat((round) => {
    touch(session, applications, round);
    void session.snapshot;
    return () => session.trace({ from: { pod: `${namespace}/${name}` }, to: { host: name, path: `/${round}` } });
  });

  const branches = repeat((round) => {
    touch(session, applications, round);
    void session.snapshot;
    return () => hostPaths(session, { host: `${name}.${namespace}` });
  });

  console.log(`\n${session.snapshot.resources.length} resources in ${files.length} files, ${findings.length} findings`);
  print('cold: read and index', index);
  print('cold: all rules', check);
  print('cold: both', cold);
  print('edit → all findings', edits);
  print('hover after an edit', hovers);
  print('trace after an edit', traces);
  print('all branches of a host', branches);
  console.log(`  ${'memory'.padEnd(24)} ${(memory / 1e6).toFixed(0).padStart(8)} MB`);
  compareWithIstioctl(files, cold);
}

/** Something else in the mesh changed, so that nothing may be remembered. */
function touch(session: Session, files: readonly GeneratedFile[], round: number): void {
  const other = files[1 + (round % (files.length - 2))]!;
  session.setFile(uriOf(other), `${other.text}# ${round}\n`);
}

function compareWithIstioctl(files: readonly GeneratedFile[], cold: number): void {
  if (spawnSync('istioctl', ['version', '--remote=false']).status !== 0) {
    console.log('  istioctl is not on PATH: nothing to compare with');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'packets-eye-bench-'));
  try {
    const path = join(folder, 'all.yaml');
    writeFileSync(path, files.map((it) => it.text).join('---\n'));
    const [istioctl] = timed(() =>
      spawnSync('istioctl', ['analyze', '--use-kube=false', '-A', path], { stdio: 'ignore' }),
    );
    print('istioctl analyze', istioctl);
    console.log(`  ${'ours / istioctl'.padEnd(24)} ${(cold / istioctl).toFixed(2).padStart(8)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each of several runs; a run that returns a function counts only what the function takes. */
function repeat(run: (round: number) => unknown): readonly number[] {
  return Array.from({ length: REPEATS }, (_, round) => {
    const started = performance.now();
    const inner = run(round);
    return typeof inner === 'function' ? timed(inner as () => unknown)[0] : performance.now() - started;
  });
}

function timed<T>(run: () => T): [number, T] {
  const started = performance.now();
  const result = run();
  return [performance.now() - started, result];
}

function print(what: string, value: number | readonly number[]): void {
  if (typeof value === 'number') {
    console.log(`  ${what.padEnd(24)} ${value.toFixed(0).padStart(8)} ms`);
    return;
  }
  const sorted = [...value].sort((a, b) => a - b);
  const at = (part: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!.toFixed(1);
  console.log(`  ${what.padEnd(24)} ${at(0.5).padStart(8)} ms median, ${at(0.95)} ms p95`);
}

function usedMemory(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function uriOf({ name }: GeneratedFile): string {
  return `file:///mesh/${name}`;
}
