/** Why nothing can be done with this Redis. Its message is for people, says what to do, and never shows credentials. */
export abstract class RedisStartError extends Error {
  abstract readonly code: string;
}
