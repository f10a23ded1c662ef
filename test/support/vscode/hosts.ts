import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inRoot } from '../paths.js';

/** The editors that the tests drive; build/setup.mjs says which versions they are and installs them. */
export type HostName = 'web' | 'web-1.91' | 'node';

export interface HostOptions {
  /** The folder that is opened; the editor works on a copy. */
  readonly folder: string;
  /** The unpacked extension; by default what the VSIX contains. */
  readonly extension?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A fixed port, for people; tests take a free one. */
  readonly port?: number;
}

export interface Host {
  readonly url: string;
  /** The copy of the folder that the editor has open. */
  readonly folder: string;
  log(): string;
  stop(): void;
}

/** What the package ships, unpacked by `npm run package`. */
export const stagedExtension = inRoot('node_modules/.cache/packets-eye/extension');

// A quiet editor: nothing that moves, greets or floats over what a test looks at.
const quiet = {
  'chat.disableAIFeatures': true,
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'explorer.compactFolders': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

/** Starts an editor with the extension and a folder in it, and waits until it answers. */
export async function startHost(name: HostName, options: HostOptions): Promise<Host> {
  const home = mkdtempSync(join(tmpdir(), 'packets-eye-'));
  const folder = join(home, 'workspace');
  cpSync(options.folder, folder, { recursive: true });
  const port = options.port ?? (await freePort());
  const extension = options.extension ?? stagedExtension;
  if (!existsSync(join(extension, 'package.json')))
    throw new Error(`No extension in ${extension}: run \`npm run package\`.`);
  const settings = { ...quiet, ...options.settings };
  const start = name === 'node' ? startServer : startWeb;
  const { child, url } = start(name, { home, folder, port, extension, settings });
  let output = '';
  child.stdout?.on('data', (it: Buffer) => (output += it.toString()));
  child.stderr?.on('data', (it: Buffer) => (output += it.toString()));
  const stop = () => {
    // The editor starts processes of its own; they live in the group that `detached` made.
    if (child.pid !== undefined && child.exitCode === null) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stop);
  try {
    await answers(`http://localhost:${port}/`, child, () => output);
  } catch (error) {
    stop();
    throw error;
  }
  return { url, folder, log: () => output, stop };
}

interface Start {
  home: string;
  folder: string;
  port: number;
  extension: string;
  settings: Record<string, unknown>;
}

interface Started {
  child: ChildProcess;
  url: string;
}

function startWeb(name: HostName, { folder, port, extension, settings }: Start): Started {
  const served = JSON.stringify({ build: hostFolder(name), extension, folder, settings });
  const child = spawn(process.execPath, [join(__dirname, 'serve-web.mjs'), String(port), served], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Under this name the frames of webviews are of the same site as the page, so that a browser lets them keep their state.
  return { child, url: `http://vscode.localhost:${port}/` };
}

function startServer(name: HostName, { home, folder, port, extension, settings }: Start): Started {
  const installed = hostFolder(name);
  const {
    publisher,
    name: id,
    version,
  } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8')) as Record<
    'publisher' | 'name' | 'version',
    string
  >;
  cpSync(extension, join(home, 'extensions', `${publisher}.${id}-${version}`), { recursive: true });
  mkdirSync(join(home, 'user/User'), { recursive: true });
  writeFileSync(join(home, 'user/User/settings.json'), JSON.stringify(settings, undefined, 2));
  const child = spawn(
    join(installed, 'node/node'),
    [
      join(installed, 'node_modules/code-server/out/node/entry.js'),
      ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
      ...['--extensions-dir', join(home, 'extensions'), '--user-data-dir', join(home, 'user')],
      ...['--config', join(home, 'config.yaml')],
      ...[
        '--disable-telemetry',
        '--disable-update-check',
        '--disable-workspace-trust',
        '--disable-getting-started-override',
      ],
      folder,
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, XDG_DATA_HOME: join(home, 'data') } },
  );
  return {
    child,
    url: `http://vscode.localhost:${port}/?folder=${encodeURIComponent(folder)}`,
  };
}

/** Where build/setup.mjs has installed an editor. */
function hostFolder(name: HostName): string {
  const hosts = JSON.parse(readFileSync(inRoot('build/hosts.json'), 'utf8')) as Record<HostName, { package: string }>;
  const cache = process.env['PACKETS_EYE_CACHE'] ?? join(homedir(), '.cache', 'packets-eye');
  const folder = join(cache, hosts[name].package.replace('@', '-'));
  if (!existsSync(join(folder, '.ready')))
    throw new Error(`No VS Code in ${folder}: run \`node build/setup.mjs ${name}\`.`);
  return folder;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function answers(url: string, child: ChildProcess, log: () => string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    if (child.exitCode !== null) break;
    try {
      if ((await fetch(url, { redirect: 'manual' })).status < 500) return;
    } catch {
      // It does not listen yet.
    }
  }
  throw new Error(`VS Code did not start on ${url}\n${log().slice(-4000)}`);
}
