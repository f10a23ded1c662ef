/** The pages of rules, which editor and command line show offline. */
export { rulePage } from '../core/rules/page.js';
