import type { GraphErrorFacts } from './graph-error.ts';

type Told = 'graphCode' | 'requestId' | 'clientRequestId' | 'date' | 'diagnostic';

/** What each of them looks like when it is Graph's and no sentence about somebody's mail. */
const FORMS: Record<Told, RegExp> = {
  graphCode: /^[A-Za-z][\w.-]{0,63}$/,
  requestId: /^[\w-]{1,64}$/,
  clientRequestId: /^[\w-]{1,64}$/,
  date: /^(?:\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT|\d{4}-\d\d-\d\dT[\d:.]{8,16}Z?)$/,
  diagnostic: /^\{"ServerInfo":\{(?:"\w{1,32}":"[\w .-]{0,32}",?){0,16}\}\}$/,
};

/**
 * Of what came with a refusal, that which may be logged and kept with a job. A gateway on the way may write anything into these
 * places, also what we asked for: what has not the form is left out.
 */
export function toldFacts(facts: GraphErrorFacts): Record<Told, string | null> {
  const told = (name: Told): string | null => {
    const value = facts[name] ?? null;
    return value !== null && FORMS[name].test(value) ? value : null;
  };
  return {
    graphCode: told('graphCode'),
    requestId: told('requestId'),
    clientRequestId: told('clientRequestId'),
    date: told('date'),
    diagnostic: told('diagnostic'),
  };
}
