import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

const executables = [
  process.env['PACKETS_EYE_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
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
export async function allowFunctions(context: BrowserContext): Promise<void> {
  await context.addInitScript('globalThis.__name ??= (it) => it;');
}
