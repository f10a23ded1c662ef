// Mocha's own output for people, and its counts for build/test.mjs: in the file that PACKETS_EYE_COUNTS names.
const { writeFileSync } = require('node:fs');
const { reporters, Runner } = require('mocha');

module.exports = class extends (process.env.PACKETS_EYE_REPORTER === 'spec' ? reporters.Spec : reporters.Dot) {
  constructor(runner, options) {
    super(runner, options);
    const { stats } = this;
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const counts = { passed: stats.passes, failed: stats.failures, skipped: stats.pending };
      writeFileSync(process.env.PACKETS_EYE_COUNTS, JSON.stringify(counts));
    });
  }
};
