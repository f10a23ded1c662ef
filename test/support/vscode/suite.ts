import { mkdirSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, describe } from 'mocha';
import { inRoot } from '../paths.js';
import type { HostName } from './hosts.js';
import { openVsCode, type OpenOptions, type Workbench } from './workbench.js';

/** The editor that a run is about; `npm test` runs the same tests once in each. */
export const hostName = (process.env['PACKETS_EYE_HOST'] ?? 'web-1.91') as HostName;

/**
 * Tests in a real VS Code that opens a folder: `describeInVsCode('hover', { folder }, (code) => { it('answers', async () => { await code().hover(…) }) })`.
 * A failed test leaves a picture of the window and the page's console in test-results/.
 */
export function describeInVsCode(title: string, options: OpenOptions, tests: (code: () => Workbench) => void): void {
  describe(`${title} (${hostName})`, function () {
    this.timeout(180_000);
    let workbench: Workbench | undefined;

    before(async () => {
      workbench = await openVsCode(hostName, options);
    });

    afterEach(async function () {
      if (this.currentTest?.state !== 'failed' || !workbench) return;
      const name = this.currentTest.fullTitle().replace(/\W+/g, '-');
      const place = inRoot('test-results', hostName);
      mkdirSync(place, { recursive: true });
      await workbench.screenshot(`${place}/${name}.png`).catch(() => undefined);
      writeFileSync(`${place}/${name}.log`, [...workbench.console, '--- server', workbench.host.log()].join('\n'));
      console.log(`      see test-results/${hostName}/${name}.png and .log`);
    });

    after(() => workbench?.close());

    tests(() => {
      if (!workbench) throw new Error('VS Code did not start');
      return workbench;
    });
  });
}

/** Where a test leaves a picture: test-results/, or media/screenshots/ for README and gallery when PACKETS_EYE_PICTURES is set. */
export function pictureFile(name: string): string {
  return process.env['PACKETS_EYE_PICTURES']
    ? inRoot('media/screenshots', `${name}.png`)
    : inRoot('test-results', hostName, `${name}.png`);
}
