/** The bytes of a request to the management API, bounded as they come. */

/** The whole body, or `undefined` for more than `mostBytes`, of which the rest is not read. */
export async function readBytes(
  request: Request,
  mostBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
