import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';

import { root } from './workspaces.ts';

type Yaml = null | boolean | number | string | Yaml[] | { [key: string]: Yaml };
export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value: string }[];
  ports: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop: { exec: { command: string[] } } };
  securityContext: object;
  resources: { requests: object; limits: { memory: string } };
}
interface Probe {
  httpGet?: { path: string; port: string };
}
export interface Pod {
  metadata: { labels: Record<string, string> };
  spec: {
    serviceAccountName?: string;
    enableServiceLinks: boolean;
    automountServiceAccountToken: boolean;
    terminationGracePeriodSeconds?: number;
    securityContext: { runAsNonRoot: boolean; runAsUser: number };
    topologySpreadConstraints?: { topologyKey: string }[];
    containers: Container[];
    volumes?: { secret?: { secretName: string } }[];
  };
}
export interface Manifest {
  kind: string;
  metadata: {
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, Yaml>;
}

interface Kustomization {
  resources: string[];
  patches?: { path?: string; patch?: string; target?: { kind: string; name?: string } }[];
  labels?: { pairs: Record<string, string> }[];
  configMapGenerator?: { envs: string[] }[];
}

/** What a folder of manifests comes to. */
export interface Rendered {
  manifests: Manifest[];
  /** of the one ConfigMap */
  config: Record<string, string>;
}

/** As `kubectl kustomize`, for what docker/kubernetes uses of it. @param folder below docker/kubernetes */
export function render(folder: string): Rendered {
  const path = join(root, 'docker', 'kubernetes', folder);
  const own = parse(readFileSync(join(path, 'kustomization.yaml'), 'utf8')) as Kustomization;
  let manifests: Manifest[] = [];
  let config: Record<string, string> = {};
  for (const resource of own.resources) {
    if (statSync(join(path, resource)).isDirectory()) {
      const base = render(join(folder, resource));
      manifests.push(...base.manifests);
      config = { ...config, ...base.config };
    } else {
      manifests.push(...readAll<Manifest>(join(path, resource)));
    }
  }
  for (const { path: file, patch, target } of own.patches ?? []) {
    const changes = file ? readAll<Manifest>(join(path, file)) : [];
    manifests = manifests.map((manifest) => {
      const fitting = changes.filter((change) => isOf(manifest, target ?? wholeNameOf(change)));
      const merged = fitting.reduce(patched, manifest);
      return patch && target && isOf(manifest, target) ? remove(merged, patch) : merged;
    });
  }
  for (const { pairs } of own.labels ?? []) {
    manifests = manifests.map((manifest) => labelled(manifest, pairs));
  }
  for (const file of (own.configMapGenerator ?? []).flatMap(({ envs }) => envs)) {
    Object.assign(config, parseEnv(readFileSync(join(path, file), 'utf8')));
  }
  return { manifests, config };
}

function readAll<T>(file: string): T[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as T);
}

function wholeNameOf({ kind, metadata }: Manifest): { kind: string; name: string } {
  return { kind, name: metadata.name };
}

function isOf(manifest: Manifest, { kind, name = '.*' }: { kind: string; name?: string }): boolean {
  return manifest.kind === kind && new RegExp(`^(${name})$`).test(manifest.metadata.name);
}

/** By a patch, whose name is of no account where it has a target. */
function patched(manifest: Manifest, change: Manifest): Manifest {
  const { name } = manifest.metadata;
  const metadata = { ...change.metadata, name };
  return merge(manifest as never, { ...change, metadata }) as never;
}

/** Strategic: maps are merged, and lists of what has names; another list is replaced. */
function merge(one: Yaml, two: Yaml): Yaml {
  if (Array.isArray(one) && Array.isArray(two)) {
    const names = [...one, ...two].map(nameOf);
    if (names.includes(undefined)) return two;
    return [...new Set(names)].map((name) => {
      const [first = null, second] = [one, two].map((all) => all.find((x) => nameOf(x) === name));
      return second === undefined ? first : merge(first, second);
    });
  }
  if (!isMap(one) || !isMap(two)) return two;
  const merged = { ...one };
  for (const [key, value] of Object.entries(two)) {
    merged[key] = key in one ? merge(one[key] ?? null, value) : value;
  }
  return merged;
}

function isMap(value: Yaml): value is { [key: string]: Yaml } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: Yaml): Yaml | undefined {
  return isMap(value) ? value['name'] : undefined;
}

/** A JSON patch of one field of the spec that is taken away. */
function remove(manifest: Manifest, patch: string): Manifest {
  const [{ op, path } = { op: '', path: '' }] = parse(patch) as { op: string; path: string }[];
  const name = /^\/spec\/(\w+)$/.exec(path)?.[1];
  if (op !== 'remove' || name === undefined) throw new Error(`not known here: ${op} ${path}`);
  const { [name]: _, ...spec } = manifest.spec;
  return { ...manifest, spec };
}

function labelled(manifest: Manifest, pairs: Record<string, string>): Manifest {
  const pod = podOf(manifest);
  if (pod) Object.assign(pod.metadata.labels, pairs);
  const labels = { ...manifest.metadata.labels, ...pairs };
  return { ...manifest, metadata: { ...manifest.metadata, labels } };
}

/** The pod that a Deployment or a CronJob makes. */
export function podOf({ kind, spec }: Manifest): Pod | undefined {
  if (kind === 'Deployment') return spec['template'] as unknown as Pod;
  if (kind !== 'CronJob') return undefined;
  return (spec['jobTemplate'] as unknown as { spec: { template: Pod } }).spec.template;
}
