import { existsSync, readFileSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { inRoot } from './paths.js';

const executables = [
  process.env['PACKETS_EYE_CHROMIUM'],
  ...(JSON.parse(readFileSync(inRoot('build/browsers.json'), 'utf8')) as string[]),
];

/** Starts the machine's own Chromium, as `npm test` found or installed it. */
export async function launchBrowser({ headless = true } = {}): Promise<Browser> {
  const executablePath = executables.find((it) => it && existsSync(it));
  if (!executablePath)
    throw new Error('There is no Chromium: run `npm test` once, or name one in PACKETS_EYE_CHROMIUM.');
  return chromium.launch({
    executablePath,
    headless,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Lets functions of a test run inside a page: the compiler names them by a helper that a page does not have. */
export async function allowFunctions(place: BrowserContext | Page): Promise<void> {
  await place.addInitScript('globalThis.__name ??= (it) => it;');
}
