export { readCluster } from './read-cluster.js';
export { writeObjects } from './write-objects.js';
