import type { Register } from "../ports/register.ts";

/** A register without a disk, for tests and for gateways that keep nothing. */
export class MemoryRegister implements Register {
  #value: Buffer | null = null;

  load(): Promise<Buffer | null> {
    return Promise.resolve(this.#value);
  }

  swap(from: Uint8Array | null, to: Uint8Array): Promise<boolean> {
    const isSame = this.#value === null || from === null ? this.#value === from : this.#value.equals(from);
    if (isSame) this.#value = Buffer.from(to);
    return Promise.resolve(isSame);
  }
}
