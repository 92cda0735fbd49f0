declare module 'virtual:operations' {
  /** Method and path of each operation. */
  export const operations: Readonly<Record<string, readonly [method: string, path: string]>>;
}
