import type { Manifest } from './manifests.ts';

type Labels = Record<string, string>;
interface Selector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: 'In'; values: string[] }[];
}
interface Rule {
  from?: { podSelector?: Selector; namespaceSelector?: Selector }[];
  ports?: { port: number }[];
}
interface Policy {
  podSelector: Selector;
  ingress?: Rule[];
}

/** Somebody: a pod of a namespace, or anybody outside of the cluster. */
export type Caller = 'world' | { namespace: string; labels: Labels };

/** Whether the NetworkPolicies let a caller reach a port of a pod of namespace `own`, as Kubernetes reads them. */
export function mayReach(
  manifests: readonly Manifest[],
  { caller, pod, port }: { caller: Caller; pod: Labels; port: number },
): boolean {
  const policies = manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => spec as unknown as Policy)
    .filter(({ podSelector }) => fits(podSelector, pod));
  if (policies.length === 0) return true;
  return policies
    .flatMap(({ ingress = [] }) => ingress)
    .some(
      ({ from, ports }) =>
        (ports === undefined || ports.some((one) => one.port === port)) &&
        (from === undefined || from.some((peer) => isPeer(peer, caller))),
    );
}

function isPeer(
  { podSelector, namespaceSelector }: NonNullable<Rule['from']>[number],
  caller: Caller,
): boolean {
  if (caller === 'world') return false;
  const namespace = namespaceSelector
    ? fits(namespaceSelector, { 'kubernetes.io/metadata.name': caller.namespace })
    : caller.namespace === 'own';
  return namespace && fits(podSelector ?? {}, caller.labels);
}

function fits({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}
