import { HttpResponseTooLargeError } from '@ms1/http-client';

/** Was the answer more than is taken of one? Then it carried something that was not asked for. */
export function isTooLarge(error: Error): boolean {
  return error.cause instanceof HttpResponseTooLargeError;
}
