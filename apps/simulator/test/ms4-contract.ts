import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { parse } from 'yaml';

const CONTRACT = new URL('../../../packages/contracts/openapi/ms4.yaml', import.meta.url);

/** A validator for one schema of the MS4 contract, by a third party's reading of it. */
export function ms4Schema(
  name: 'Batch' | 'BatchResult' | 'MessageRecord' | 'Problem',
): ValidateFunction {
  const ajv = new Ajv2020({ strict: false });
  formatsPlugin.default(ajv);
  ajv.addSchema(parse(readFileSync(CONTRACT, 'utf8')), 'ms4');
  const validate = ajv.getSchema(`ms4#/components/schemas/${name}`);
  if (!validate) throw new Error(`the contract has no schema ${name}`);
  return validate;
}
