/** Closes all of some things, one after the other, also where one cannot be closed; the first failure is thrown when all were tried. */
export async function closeAll(tools: readonly ({ close(): Promise<void> } | undefined)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const tool of tools)
    await tool?.close().catch((error) => {
      failures.push(error);
    });
  if (failures.length > 0) throw failures[0];
}
