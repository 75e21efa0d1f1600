export { type OpenDirectory, openDirectory } from './open-directory.ts';
export { openGraph } from './open-graph.ts';
export { type FleetProcess, openProcess } from './open-process.ts';
export { type Attempt, createTellAttempts } from './tell-attempts.ts';
