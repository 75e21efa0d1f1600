/**
 * Where tokens come from and where Graph is, by cloud (docs/graph-contract.md#national-clouds). A token of one cloud is
 * no good in another.
 */
export const CLOUDS = {
  global: { authority: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' },
  /** US Government L4 (GCC High) */
  usgov: { authority: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' },
  /** US Government L5 */
  dod: { authority: 'https://login.microsoftonline.us', graph: 'https://dod-graph.microsoft.us' },
  /** operated by 21Vianet */
  china: {
    authority: 'https://login.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
  },
} as const;

export type CloudName = keyof typeof CLOUDS;

export const CLOUD_NAMES = Object.keys(CLOUDS) as [CloudName, ...CloudName[]];

/** The cloud whose Graph a base URL names; undefined when it is none of Microsoft's. */
export function cloudOf(baseUrl: string): CloudName | undefined {
  return CLOUD_NAMES.find((name) => CLOUDS[name].graph === new URL(baseUrl).origin);
}
