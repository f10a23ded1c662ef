import { existsSync, readdirSync } from 'node:fs';
import type { Command } from 'commander';
import { UsageError } from './exit.js';
import { shortPath } from './load.js';

interface PullOptions {
  readonly context?: string;
  readonly out: string;
}

/** `packets-eye pull`: a cluster's mesh as files, so that every other command can be asked about it. */
export function addPullCommand(program: Command): void {
  program
    .command('pull')
    .description('write what a cluster has as YAML files (only reads; no Secrets)')
    .requiredOption('--out <folder>', 'a new or empty folder for the files')
    .option('--context <name>', 'context of the kubeconfig, when not its current one')
    .action(async (options: PullOptions) => {
      if (existsSync(options.out) && readdirSync(options.out).length > 0) {
        throw new UsageError(`--out ${options.out}: expected a new or empty folder`);
      }
      // a megabyte of client that no other command needs is loaded here alone
      const { readCluster, writeObjects } = await import('./cluster/main.js');
      const { objects, left } = await readCluster({ context: options.context });
      const files = writeObjects(options.out, objects);
      for (const it of left) console.error(`packets-eye: ${it}`);
      console.log(`${objects.length} objects in ${files.length} files below ${shortPath(options.out)}`);
    });
}
