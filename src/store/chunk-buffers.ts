/** What one stream reads into: while one buffer is being sent, the other is being filled. */
export interface ChunkPair {
  readonly first: Buffer;
  readonly second: Buffer;
}

export const chunkBytes = 256 * 1024;
const maxIdlePairs = 16;

/**
 * Buffers for streams from the disk, used again and again: a fresh large buffer for every chunk costs more in
 * page faults than the read itself (bench/RESULTS.md).
 */
export class ChunkBuffers {
  readonly #idle: ChunkPair[] = [];

  take(): ChunkPair {
    return (
      this.#idle.pop() ?? { first: Buffer.allocUnsafeSlow(chunkBytes), second: Buffer.allocUnsafeSlow(chunkBytes) }
    );
  }

  /** Takes back what nobody reads or writes any more. */
  give(pair: ChunkPair): void {
    if (this.#idle.length < maxIdlePairs) this.#idle.push(pair);
  }
}
