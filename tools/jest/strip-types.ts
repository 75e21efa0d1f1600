import { stripTypeScriptTypes } from 'node:module';

/** Jest transform that does what `node file.ts` does, so tests run the code production runs. */
export default {
  process: (source: string): { code: string } => ({ code: stripTypeScriptTypes(source) }),
};
