// Brings what a command needs onto this machine: only Node's own modules here, since it runs before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where editors for the tests live: outside of the checkout, so that every checkout shares them. */
export const cache = process.env['PACKETS_EYE_CACHE'] ?? join(homedir(), '.cache', 'packets-eye');

/** The editors that the tests and the demo drive. Too big to be dependencies: each is installed when first needed. */
export const hosts = JSON.parse(readFileSync(join(root, 'build/hosts.json'), 'utf8'));

/** Runs a command and fails with what it printed; prints as it goes only with `show`. */
export function run(command, args, { show = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: environment(),
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      ...options,
    });
    let output = '';
    child.stdout?.on('data', (it) => (output += it));
    child.stderr?.on('data', (it) => (output += it));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}\n${output.slice(-4000)}`));
    });
  });
}

// An npm that runs us tells its children where it works and which Node it is; an npm that we start has to find that out for itself.
function environment() {
  const inherited =
    /^(npm_(lifecycle|package|node|exec|command|config_(user_agent|local_prefix|global_prefix|prefix))|INIT_CWD$|NODE$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.test(name)));
}

/** Installs the project's dependencies when they are missing or are not those of the lock file. */
export async function ensureDependencies(log = console.log) {
  if (dependenciesAreCurrent()) return;
  log('Installing dependencies (npm ci)');
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    shell: process.platform === 'win32',
  });
}

// npm notes what it really installed, at the very end of an installation, in node_modules/.package-lock.json.
function dependenciesAreCurrent() {
  const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8')).packages;
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = read('node_modules/.package-lock.json');
  return Object.entries(read('package-lock.json')).every(
    ([path, it]) => path === '' || it.optional || it.peer || installed[path]?.version === it.version,
  );
}

// Where a Chromium may be; tests look in the same places.
const browsers = [
  process.env['PACKETS_EYE_CHROMIUM'],
  ...JSON.parse(readFileSync(join(root, 'build/browsers.json'), 'utf8')),
].filter((it) => it !== undefined);

/** The path of a Chromium; installs Debian's when there is none. */
export async function ensureChromium(log = console.log) {
  if (!browsers.some((it) => existsSync(it))) {
    log('Installing Chromium');
    await installDebian(['chromium', 'fonts-dejavu-core', 'fonts-liberation'], 'or name one in PACKETS_EYE_CHROMIUM');
  }
  return browsers.find((it) => existsSync(it));
}

/** The folder of an editor of `hosts`; installs it when it is missing. */
export async function ensureHost(name, log = console.log) {
  const { title, package: editor } = hosts[name];
  const folder = join(cache, editor.replace('@', '-'));
  const stamp = join(folder, '.ready');
  const recipe = JSON.stringify({ editor, node: name === 'node' ? nodeForServer : undefined });
  const isReady = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe;
  if (isReady()) return folder;
  const unlock = await lock(`${folder}.lock`, () => log(`Waiting for another run to install ${title}`));
  try {
    if (isReady()) return folder;
    log(`Installing ${title}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, description: title }));
    await (name === 'node' ? installServer(folder, editor) : installWeb(folder, editor));
    writeFileSync(stamp, recipe);
    return folder;
  } finally {
    unlock();
  }
}

const npmInstall = ['install', '--no-audit', '--no-fund', '--save-exact', '--loglevel=error'];

async function installWeb(folder, editor) {
  await run('npm', [...npmInstall, '--ignore-scripts', editor], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  // @vscode/test-web takes a build in a folder of this name with a file `version` for one that it has downloaded.
  const [name, version] = editor.split('@');
  const nested = join(folder, 'node_modules', name, 'dist');
  const build = existsSync(nested) ? nested : dirname(nested);
  writeFileSync(join(build, 'version'), version);
  symlinkSync(build, join(folder, 'vscode-web-stable-build'), 'junction');
}

// code-server compiles a few native parts, and wants a newer Node than ours: npm's own package of Node, with its headers.
const nodeForServer = `node-linux-${process.arch}@24.21.0`;
const serverNeeds = [
  'libkrb5-dev',
  'libx11-dev',
  'libxkbfile-dev',
  'libsecret-1-dev',
  'pkg-config',
  'g++',
  'make',
  'python3',
];

async function installServer(folder, editor) {
  const missing = [];
  for (const it of serverNeeds) if (!(await run('dpkg', ['-s', it]).catch(() => ''))) missing.push(it);
  if (missing.length) await installDebian(missing, 'they are needed to compile parts of code-server');
  const shell = process.platform === 'win32';
  const tools = join(folder, 'node');
  const nodeFolder = join(tools, 'node_modules', nodeForServer.split('@')[0]);
  mkdirSync(tools);
  writeFileSync(join(tools, 'package.json'), '{"private":true}');
  await run('npm', [...npmInstall, '--ignore-scripts', nodeForServer], { cwd: tools, shell });
  // Tests start the server by this path, whatever the processor.
  symlinkSync(join(nodeFolder, 'bin/node'), join(folder, 'node/node'));
  await run('npm', [...npmInstall, editor], {
    cwd: folder,
    shell,
    env: {
      ...environment(),
      PATH: `${join(nodeFolder, 'bin')}:${process.env['PATH']}`,
      npm_config_nodedir: nodeFolder,
    },
  });
}

async function installDebian(packages, otherwise) {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    throw new Error(
      `Please install ${packages.join(', ')} (on Debian: sudo apt-get install ${packages.join(' ')}), ${otherwise}.`,
    );
  }
  const unlock = await lock(join(cache, 'apt.lock'), () => {});
  const apt = (...args) =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=600', '-q', ...args], {
      env: { ...environment(), DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', ...packages);
  } finally {
    unlock();
  }
}

// Two runs at once must not install into one folder. A lock whose owner has died is taken over.
async function lock(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  for (let said = false; ; await sleep(1000)) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!said) onWait();
    said = true;
    if (!ownerLives(path)) rmSync(path, { force: true });
  }
}

function ownerLives(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // A lock just made may still be empty.
    if (!pid) return Date.now() - lstatSync(path).mtimeMs < 10_000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensureDependencies();
  for (const it of process.argv.slice(2))
    console.log(it === 'chromium' ? await ensureChromium() : await ensureHost(it));
}
