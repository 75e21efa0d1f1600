export { CHECKS } from './all-checks.ts';
export type { Check, CheckStatus } from './check.ts';
export { doctorConfig } from './doctor-config.ts';
export { Installation } from './installation.ts';
export { type CheckResult, runChecks, worstOf } from './run-checks.ts';
export { Settings } from './settings.ts';
