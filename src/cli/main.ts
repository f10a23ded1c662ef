import { Command, CommanderError } from 'commander';
import { addCheckCommand } from './check.js';
import { EXIT_FINE, EXIT_USAGE, UsageError } from './exit.js';
import { addPathsCommand } from './paths.js';
import { addProxyConfigCommand } from './proxy-config.js';
import { addPullCommand } from './pull.js';
import { addTraceCommand } from './trace.js';

const program = new Command('packets-eye')
  .description('Follows requests through Kubernetes and Istio YAML, hop by hop, and says where they break.')
  .version(process.env['PACKETS_EYE_VERSION'] ?? 'development')
  .showHelpAfterError('(packets-eye help COMMAND shows what a command takes)')
  .exitOverride();

addCheckCommand(program);
addTraceCommand(program);
addPathsCommand(program);
addProxyConfigCommand(program);
addPullCommand(program);

void run();

async function run(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT_FINE : EXIT_USAGE;
    } else if (error instanceof UsageError) {
      console.error(`packets-eye: ${error.message}`);
      process.exitCode = EXIT_USAGE;
    } else {
      throw error;
    }
  }
}
