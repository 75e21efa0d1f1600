// What the contracts derive message keys with. The page takes types of them only: it has no Node.
declare module 'node:crypto';
declare module 'node:buffer';
declare module 'node:url';
