/** Closes all resources, one after the other, even if one fails to close. Afterwards throws the first failure. */
export async function closeAll(tools: readonly ({ close(): Promise<void> } | undefined)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const tool of tools)
    await tool?.close().catch((error) => {
      failures.push(error);
    });
  if (failures.length > 0) throw failures[0];
}
